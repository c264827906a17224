-- POST registered-models/set-tag with a value that changes.
wrk.method = "POST"
wrk.path = "/api/2.0/mlflow/registered-models/set-tag"
wrk.headers["Content-Type"] = "application/json"
local i = 0
request = function()
  i = i + 1
  return wrk.format(nil, nil, nil, '{"name": "bench", "key": "quality", "value": "' .. i .. '"}')
end
