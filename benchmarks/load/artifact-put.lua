-- PUT of a file of 64 KiB through the artifact proxy, each request another name.
wrk.method = "PUT"
wrk.body = string.rep("x", 65536)
local i = 0
request = function()
  i = (i + 1) % 1000
  return wrk.format(nil, "/api/2.0/mlflow-artifacts/artifacts/bench/put/" .. i)
end
