-- GET of a file of 64 KiB through the artifact proxy.
wrk.method = "GET"
wrk.path = "/api/2.0/mlflow-artifacts/artifacts/bench/small"
