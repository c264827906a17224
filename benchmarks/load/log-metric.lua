-- POST runs/log-metric at a step of its own. ROUND keeps the steps of one measurement apart from those of the next.
wrk.method = "POST"
wrk.path = "/api/2.0/mlflow/runs/log-metric"
wrk.headers["Content-Type"] = "application/json"
local step = tonumber(os.getenv("ROUND")) * 10000000
local run = os.getenv("RUN_ID")
request = function()
  step = step + 1
  return wrk.format(nil, nil, nil, string.format(
    '{"run_id": "%s", "key": "single", "value": %d.5, "timestamp": 1700000000000, "step": %d}', run, step, step))
end
