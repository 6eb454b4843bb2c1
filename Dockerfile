# The base can be given with its digest: --build-arg BASE_IMAGE=python:3.13-slim@sha256:…
ARG BASE_IMAGE=python:3.13-slim

FROM ${BASE_IMAGE} AS packages

WORKDIR /srv/gate-explorer

# The pins first: this layer is built again only when they change. pip stays behind with this stage, and
# so do the packages' own tests, what they are compiled from, and bytecode of modules nobody imports.
COPY requirements/runtime.txt requirements/runtime.txt
RUN python3 -m venv /opt/pip && python3 -m venv --without-pip /opt/venv \
    && /opt/pip/bin/pip --python /opt/venv/bin/python install --no-cache-dir --no-compile \
        --disable-pip-version-check --require-hashes -r requirements/runtime.txt \
    && find /opt/venv -type d \( -name tests -o -path '*/onnx/backend' \) -prune -exec rm -r {} + \
    && find /opt/venv -type f -regex '.*\.\(pyi\|pyx\|pxd\|h\|cc\|cpp\|proto\|a\)' -delete

# htmx's own copy; where it can't be fetched, pages load it from the CDN alone.
COPY tools/htmx.py tools/htmx.py
RUN mkdir -p .cache && (/opt/venv/bin/python -m tools.htmx || true)

FROM ${BASE_IMAGE}

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /srv/gate-explorer

# What the pictures' text is set in; any version of it.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*

COPY --from=packages /opt/venv /opt/venv
COPY --from=packages /srv/gate-explorer/.cache .cache
COPY LICENSE LICENSE
COPY templates templates
COPY static static
COPY gate_explorer gate_explorer
COPY app app
COPY tools/smoke.py tools/smoke.py
# Tried as it will run: a file of every kind is opened and drawn. What is imported on the way is compiled
# once here, since the user below can write nowhere: the root may be read-only.
RUN python -m compileall -q gate_explorer app \
    && PYTHONDONTWRITEBYTECODE='' python -m tools.smoke

# A number, so that an orchestrator can see that it is not root.
USER 10001:10001

EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]

CMD ["python", "-m", "app", "serve", "--host", "0.0.0.0", "--port", "8000"]
