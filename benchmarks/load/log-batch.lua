-- POST runs/log-batch with ten metrics at a step of its own: a training loop. RUN_ID comes from scripts/bench.
wrk.method = "POST"
wrk.path = "/api/2.0/mlflow/runs/log-batch"
wrk.headers["Content-Type"] = "application/json"
local step = 0
local run = os.getenv("RUN_ID")
request = function()
  step = step + 1
  local metrics = {}
  for i = 1, 10 do
    metrics[i] = string.format('{"key": "m%d", "value": %d.5, "timestamp": 1700000000000, "step": %d}', i, step, step)
  end
  return wrk.format(nil, nil, nil, '{"run_id": "' .. run .. '", "metrics": [' .. table.concat(metrics, ",") .. "]}")
end
