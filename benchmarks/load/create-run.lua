-- POST runs/create with the tags that the Python client sends.
wrk.method = "POST"
wrk.path = "/api/2.0/mlflow/runs/create"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"experiment_id": "0", "user_id": "bench", "start_time": 1700000000000, "run_name": "bench", "tags": ['
  .. '{"key": "mlflow.user", "value": "bench"}, {"key": "mlflow.source.name", "value": "train.py"}, '
  .. '{"key": "mlflow.source.type", "value": "LOCAL"}]}'
