# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props global.json .editorconfig ./
COPY src/ModelRegistry.Server/ModelRegistry.Server.csproj src/ModelRegistry.Server/
RUN dotnet restore src/ModelRegistry.Server --ucr -p:PublishReadyToRun=true
COPY src src
RUN dotnet publish src/ModelRegistry.Server -c Release --ucr --no-restore --no-self-contained -p:PublishReadyToRun=true -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=build /app /app
COPY LICENSE /app/LICENSE
# A start script that says "mlflow server …" works unchanged. /data holds the database and the artifacts.
RUN ln -s /app/ModelRegistry.Server /usr/local/bin/mlflow && mkdir /data && chown $APP_UID /data
USER $APP_UID
WORKDIR /data
VOLUME /data
# Without a size the garbage collector lets as much pile up as the processor has cache: hundreds of MiB on large machines.
ENV MLFLOW_HOST=0.0.0.0 DOTNET_EnableDiagnostics=0 DOTNET_GCgen0size=0x1000000
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/app/ModelRegistry.Server", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/ModelRegistry.Server"]
CMD ["serve"]
