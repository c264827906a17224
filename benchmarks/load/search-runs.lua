-- POST runs/search with a metric and a parameter in the filter, ordered by another metric: the runs table of an experiment.
wrk.method = "POST"
wrk.path = "/api/2.0/mlflow/runs/search"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"experiment_ids": ["' .. os.getenv("EXPERIMENT_ID") .. '"], "max_results": 50, '
  .. '"filter": "metrics.m0 > 0.5 and params.p0 = \'v3\'", "order_by": ["metrics.m1 DESC"]}'
