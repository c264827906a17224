-- GET registered-models/alias: what a deployment asks every time it starts.
wrk.method = "GET"
wrk.path = "/api/2.0/mlflow/registered-models/alias?name=bench&alias=champion"
