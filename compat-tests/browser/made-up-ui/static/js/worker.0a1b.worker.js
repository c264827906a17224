// Asks from a worker, where MLflow's pages ask about telemetry.
onmessage = async ({ data }) => postMessage(await (await fetch(data)).json());
