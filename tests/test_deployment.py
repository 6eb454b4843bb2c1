"""The files of a deployment: each is read, and what it sets and names is what the server knows.

What they do with real servers is tested by `make test-deploy`.
"""

import configparser
import re
import tomllib
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from app.settings import PREFIX, Settings, words_of

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
PORT = 8000
HEALTH = {"/healthz", "/readyz"}
# How each file is told apart and read.
KUBERNETES = "deploy/kubernetes.yaml"
YAML_FILES = ("compose.yaml", "deploy/render.yaml", "deploy/cloudrun.yaml", KUBERNETES)
SPACE = DEPLOY / "huggingface" / "README.md"
# What stands for a value that the owner puts in.
OWNERS = re.compile(r"\$\{\w+:-(.*)\}")


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((ROOT / name).read_text(encoding="utf-8")))


def pairs(value: Any) -> Iterator[tuple[str, str]]:
    """Every setting in a document, written as a map's key or as name (or key) and value."""
    if isinstance(value, list):
        for each in value:
            yield from pairs(each)
    elif isinstance(value, dict):
        name = value.get("name", value.get("key"))
        if isinstance(name, str) and name.startswith(PREFIX):
            yield name, str(value["value"])
        for key, each in value.items():
            if str(key).startswith(PREFIX):
                yield str(key), str(each)
            else:
                yield from pairs(each)


def unit() -> configparser.RawConfigParser:
    """The systemd unit; of keys that come several times, all values, a line each."""

    class Lines(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            if isinstance(value, list) and key in self:
                self[key].extend(value)
            else:
                super().__setitem__(key, value)

    parser = configparser.RawConfigParser(strict=False, dict_type=Lines, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "gate-explorer.service", encoding="utf-8")
    return parser


def settings_of(name: str) -> dict[str, str]:
    """The settings of the server that a file sets, as the server would be given them."""
    if name.endswith(".yaml"):
        found = dict(pairs(documents(name)))
    elif name.endswith(".toml"):
        found = dict(pairs(tomllib.loads((ROOT / name).read_text(encoding="utf-8"))))
    elif name.endswith(".service"):
        lines = unit()["Service"]["Environment"].split("\n")
        found = {key: value for key, _, value in (line.partition("=") for line in lines)}
        found = {key: value for key, value in found.items() if key.startswith(PREFIX)}
    else:
        text = (ROOT / name).read_text(encoding="utf-8")
        found = dict(re.findall(rf"\| `({PREFIX}\w+)` \| `([^`]+)` \|", text))
    return {key: OWNERS.sub(r"\1", value) for key, value in found.items()}


SETTING = (
    *YAML_FILES,
    "deploy/fly.toml",
    "deploy/gate-explorer.service",
    "deploy/huggingface/README.md",
)


@pytest.mark.parametrize("name", SETTING)
def test_file_sets_what_the_server_knows_to_what_it_takes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings_of(name)
    assert found.keys() >= {
        f"{PREFIX}PUBLIC_URL",
        f"{PREFIX}ALLOWED_HOSTS",
        f"{PREFIX}TRUSTED_PROXIES",
    }
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    assert found.keys() <= known
    for key, value in found.items():
        monkeypatch.setenv(key, value)
    taken = Settings()
    assert taken.public_url
    assert urlsplit(taken.public_url).hostname in words_of(taken.allowed_hosts)


def test_every_file_that_names_a_setting_is_among_those_read() -> None:
    naming = {
        str(path.relative_to(ROOT))
        for path in [ROOT / "compose.yaml", *DEPLOY.rglob("*")]
        if path.is_file() and PREFIX in path.read_text(encoding="utf-8")
    }
    assert naming - {"deploy/nginx.conf"} == set(SETTING)


@pytest.mark.parametrize("name", [*SETTING, "Dockerfile", "deploy/nginx.conf", "docs/deploy.md"])
def test_settings_that_are_named_are_there(name: str) -> None:
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    named = set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", (ROOT / name).read_text(encoding="utf-8")))
    assert named <= known


def test_image_runs_as_nobody_on_one_port_and_asks_after_its_health() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ARG BASE_IMAGE=\S+-slim$", text, re.MULTILINE)
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${BASE_IMAGE}", "${BASE_IMAGE}"]
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", text, re.MULTILINE)
    assert re.findall(r"^EXPOSE (\d+)$", text, re.MULTILINE) == [str(PORT)]
    assert f'"--port", "{PORT}"' in text
    assert f"'127.0.0.1', {PORT}" in text
    assert "/healthz" in text


def test_image_is_built_only_where_it_opens_every_kind_of_file() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^COPY tools/smoke\.py ", text, re.MULTILINE)
    assert re.search(r"^RUN .*(\\\n.*)*python -m tools\.smoke$", text, re.MULTILINE)


def test_everything_that_the_image_copies_is_let_into_its_context() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY ([^-]\S*) ", text, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied
    assert {f"!{each}" for each in copied} == {each for each in ignored if each.startswith("!")}


def numbers(value: Any, *names: str) -> Iterator[int]:
    """The ports that a document names."""
    if isinstance(value, list):
        for each in value:
            yield from numbers(each, *names)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in names and isinstance(each, int):
                yield each
            else:
                yield from numbers(each, *names)


def test_ports_are_the_servers() -> None:
    assert tomllib.loads((DEPLOY / "fly.toml").read_text())["http_service"]["internal_port"] == PORT
    (render,) = documents("deploy/render.yaml")
    assert {"key": "PORT", "value": str(PORT)} in render["services"][0]["envVars"]
    (run,) = documents("deploy/cloudrun.yaml")
    assert set(numbers(run, "containerPort", "port")) == {PORT}
    kinds = {(each["kind"], each["metadata"]["name"]): each for each in documents(KUBERNETES)}
    pod = kinds["Deployment", "gate-explorer"]
    assert set(numbers(pod, "containerPort", "port")) == {PORT}
    service = kinds["Service", "gate-explorer"]["spec"]["ports"][0]
    assert service["targetPort"] == PORT
    ingress = kinds["Ingress", "gate-explorer"]
    assert set(numbers(ingress, "number")) == {service["port"]}
    assert f"--port {PORT} " in unit()["Service"]["ExecStart"]
    front = yaml.safe_load(SPACE.read_text(encoding="utf-8").split("---")[1])
    assert (front["sdk"], front["app_port"]) == ("docker", PORT)
    assert f"server explorer:{PORT} " in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def paths(value: Any) -> Iterator[str]:
    """The paths that a document's checks ask."""
    if isinstance(value, list):
        for each in value:
            yield from paths(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in {"path", "healthCheckPath"} and isinstance(each, str) and each != "/":
                yield each
            else:
                yield from paths(each)


@pytest.mark.parametrize("name", [*YAML_FILES[1:], "deploy/fly.toml"])
def test_checks_ask_after_health(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    read = [tomllib.loads(text)] if name.endswith(".toml") else documents(name)
    asked = set(paths(read))
    assert asked
    assert asked <= HEALTH


def test_proxy_of_the_composition_asks_its_replicas_and_keeps_to_their_network() -> None:
    (composition,) = documents("compose.yaml")
    services = composition["services"]
    assert services["explorer"]["deploy"]["replicas"] >= 2
    (inside,) = (each["ipam"]["config"] for each in composition["networks"].values())
    environment = services["explorer"]["environment"]
    assert environment[f"{PREFIX}TRUSTED_PROXIES"] == inside[0]["subnet"]
    gateway = next(ip_network(inside[0]["subnet"]).hosts())
    assert f"set_real_ip_from {gateway};" in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for setting in ("RATE_STORAGE", "UPLOADS"):
        assert f"//{'valkey'}:6379/" in environment[f"{PREFIX}{setting}"]
    for name in ("explorer", "proxy"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    (mount,) = services["proxy"]["volumes"]
    assert (ROOT / mount.split(":")[0]).is_file()
    assert services["proxy"]["ports"] == ["8080:8080"]
    assert "listen 8080;" in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def test_proxy_lets_whole_uploads_through_and_waits_longer_than_the_server() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    body = re.search(r"client_max_body_size (\d+)m", text)
    idle = re.search(r"\n +keepalive_timeout (\d+)s; # less", text)
    assert body
    assert idle
    assert int(body[1]) * 2**20 > Settings().max_upload
    assert int(idle[1]) < Settings().idle_seconds
    for header in ("$http_hx_request", "$http_hx_history_restore_request", "$http_explorer_shape"):
        assert header in text


def test_kubernetes_and_compose_bound_uploads_below_what_their_valkey_holds() -> None:
    for name in ("compose.yaml", KUBERNETES):
        text = (ROOT / name).read_text(encoding="utf-8")
        held = re.search(r"maxmemory\s+(?:- )?(\d+)mb", text)
        assert held
        assert int(settings_of(name)[f"{PREFIX}UPLOAD_BYTES"]) < int(held[1]) * 2**20
        assert re.search(r"appendfsync\s+(?:- )?always", text)


def test_documentation_links_every_file_of_a_deployment() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert "../compose.yaml" in text
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            assert f"../{path.relative_to(ROOT)}" in text, path.name
