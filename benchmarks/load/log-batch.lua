-- POST runs/log-batch with METRICS metrics at a step of its own: a training loop. ROUND keeps the steps of one measurement apart from those of the next.
wrk.method = "POST"
wrk.path = "/api/2.0/mlflow/runs/log-batch"
wrk.headers["Content-Type"] = "application/json"
local step = tonumber(os.getenv("ROUND")) * 10000000
local run = os.getenv("RUN_ID")
local count = tonumber(os.getenv("METRICS"))
request = function()
  step = step + 1
  local metrics = {}
  for i = 1, count do
    metrics[i] = string.format('{"key": "m%d", "value": %d.5, "timestamp": 1700000000000, "step": %d}', i, step, step)
  end
  return wrk.format(nil, nil, nil, '{"run_id": "' .. run .. '", "metrics": [' .. table.concat(metrics, ",") .. "]}")
end
