-- GET of any call; CALL is its path below the API with the query.
wrk.method = "GET"
wrk.path = "/api/2.0/mlflow/" .. os.getenv("CALL")
