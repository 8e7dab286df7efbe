# vidbuild, ready to run; docs/ci.md says how. What it needs beside Python comes in wheels, ffmpeg too.
#   docker build -t vidbuild .
#   mkdir -p "$HOME/.local/share/vidbuild"
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" -v "$HOME/.local/share/vidbuild:/store" vidbuild build
FROM debian:bookworm-slim AS build
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN python3 -m venv /opt/vidbuild \
 && /opt/vidbuild/bin/pip install --no-cache-dir --disable-pip-version-check "/src[s3]"

FROM debian:bookworm-slim
# git: `plan --against` reads other revisions with it.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git python3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 1000 vidbuild \
 && install --directory --owner vidbuild /store /work
COPY --from=build /opt/vidbuild /opt/vidbuild
ENV PATH="/opt/vidbuild/bin:$PATH" \
    VIDBUILD_STORE=/store \
    PYTHONUNBUFFERED=1
USER 1000
WORKDIR /work
VOLUME /store
ENTRYPOINT ["vidbuild"]
CMD ["--help"]
