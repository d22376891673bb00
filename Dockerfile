# The service in three steps: browser libraries, Python packages, and what runs.
# Versions come from the locks; nothing is fetched when the container starts.

FROM node:22-bookworm-slim AS web
WORKDIR /web
COPY maps/web/package.json maps/web/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /opt/safe-region
ENV PATH=/opt/safe-region/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY geo geo
COPY data data
COPY maps maps
COPY api api
COPY --from=web /web/node_modules maps/web/node_modules
RUN python -m maps.web.build --no-install \
    && pip install --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin safe-region \
    && install --directory --owner=safe-region --group=safe-region /data
COPY --from=packages /opt/safe-region /opt/safe-region
ENV PATH=/opt/safe-region/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SAFE_REGION_DIR=/data
USER safe-region
WORKDIR /data
VOLUME /data
EXPOSE 8000
# It listens on the container's loopback, where nobody else can reach it, until SAFE_REGION_HOST
# and SAFE_REGION_ALLOW_REMOTE say otherwise; see docker-compose.yml.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["safe-region", "serve"]
