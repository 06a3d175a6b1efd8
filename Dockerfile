# The Functions app: poller, consumer and admin are this one image, by settings (keda/).
#   docker build --tag email-ingestion:1.0 .
# Check it on your machine:
#   docker run --rm --entrypoint ls email-ingestion:1.0 -A /home/site/wwwroot

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
# The restore comes first, so that a change of a source file does not repeat it.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY Core/Core.csproj Core/packages.lock.json Core/
COPY Functions/Functions.csproj Functions/packages.lock.json Functions/
# It compares every package with the lock files; the second one adds the compiler.
RUN dotnet restore Functions/Functions.csproj --locked-mode && dotnet restore Functions/Functions.csproj -p:Precompiled=true
COPY .editorconfig BannedSymbols.txt host.json ./
COPY Core/ Core/
COPY Functions/ Functions/
# No --no-restore: the worker's SDK generates a project of the host's extensions and restores it.
RUN dotnet publish Functions/Functions.csproj --configuration Release -p:Precompiled=true --output /home/site/wwwroot
# Without one of these files the host starts and finds no function. So the build of the image fails.
RUN cd /home/site/wwwroot && for needed in host.json worker.config.json functions.metadata extensions.json .azurefunctions/function.deps.json; do \
      test -e "$needed" || { echo "The published app has no $needed." >&2; exit 1; }; \
    done

FROM mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Email ingestion" \
      org.opencontainers.image.description="Turns mailboxes into processed work: the Functions app for poller, consumer and admin" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0"

# HOME: the host stores ASP.NET Core's data protection keys there, and /home is read-only in the cluster.
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    ASPNETCORE_URLS=http://+:8080 \
    FUNCTIONS_WORKER_RUNTIME=dotnet-isolated \
    Telemetry__PrometheusHost=* \
    HOME=/tmp

COPY --from=build /home/site/wwwroot /home/site/wwwroot

# The user `app` of the .NET images, by number, so that Kubernetes can verify that it is not root.
USER 1654
EXPOSE 8080 9464
# The host is process 1. The base image's start script does not forward SIGTERM, so each stop would be a kill.
ENTRYPOINT ["/azure-functions-host/Microsoft.Azure.WebJobs.Script.WebHost"]
CMD []
