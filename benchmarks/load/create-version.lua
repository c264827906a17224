-- POST model-versions/create on one model from every connection: the race that MLflow's own server loses on MySQL.
wrk.method = "POST"
wrk.path = "/api/2.0/mlflow/model-versions/create"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"name": "bench", "source": "s3://bucket/model", "run_id": "0123456789abcdef0123456789abcdef"}'
