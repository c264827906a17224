-- POST model-versions/create, each request on another model.
wrk.method = "POST"
wrk.path = "/api/2.0/mlflow/model-versions/create"
wrk.headers["Content-Type"] = "application/json"
local i = 0
request = function()
  i = (i + 1) % 1000
  return wrk.format(nil, nil, nil, '{"name": "model-' .. i .. '", "source": "s3://bucket/model"}')
end
