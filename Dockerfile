# The server with the Swift runtime linked in, on a Debian that has only the C libraries that it needs.
FROM swift:6.3.1-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libpq-dev libssl-dev libsodium-dev libidn2-dev libunistring-dev libzxcvbn-dev libcurl4-openssl-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Package.swift ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
# `auth-api --version` prints it: docker build --build-arg AUTH_API_COMMIT=$(git rev-parse HEAD) .
ARG AUTH_API_COMMIT=unknown
RUN swift build -c release -debug-info-format none --product auth-api --static-swift-stdlib -Xlinker -s \
 && install -D "$(swift build -c release --show-bin-path)/auth-api" /out/auth-api

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates libpq5 libssl3 libsodium23 libidn2-0 libunistring2 libzxcvbn0 libcurl4 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin auth-api
COPY --from=build /out/auth-api /usr/local/bin/auth-api
COPY sql /usr/share/auth-api/sql
COPY LICENSE NOTICE /usr/share/doc/auth-api/
ENV HOST=0.0.0.0 PORT=8000 SQL_DIRECTORY=/usr/share/auth-api/sql
USER auth-api
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s CMD ["auth-api", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["auth-api"]
CMD ["serve"]
