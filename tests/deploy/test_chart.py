"""The chart renders, Kubernetes accepts it, and no pod has more than it needs."""

import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

CHART = "deploy/helm/qorgan"
pytestmark = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"),
    reason="helm comes as a wheel for this platform only",
)
HELM = str(Path(sys.executable).with_name("helm"))
VALUES: dict[str, Any] = {
    "image": {"repository": "registry.example/qorgan", "tag": "1"},
    "publicUrl": "https://qorgan.example",
    "secret": "qorgan",
    "migrationSecret": "qorgan-administrator",
    "checkpointClaims": ["near", "far"],
    "backup": {"recipients": ["age1near", "age1far"], "claim": "backups", "secret": "qorgan-backup"},
    "ingress": {"enabled": True, "host": "qorgan.example", "tlsSecret": "tls"},
    "network": {"database": {"cidr": "10.0.0.1/32"}, "redis": {"cidr": "10.0.0.2/32"}},
}


def helm(tmp_path: Path, values: dict[str, Any], *verb: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    return subprocess.run([HELM, *verb, CHART, "-f", str(file)], capture_output=True, text=True, check=False)


@pytest.fixture
def rendered(tmp_path: Path) -> list[dict[str, Any]]:
    done = helm(tmp_path, VALUES, "template", "region")
    assert done.returncode == 0, done.stderr
    (tmp_path / "all.yaml").write_text(done.stdout)
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def pods(rendered: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in rendered:
        if one["kind"] in ("Deployment", "Job"):
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]
        if one["kind"] == "CronJob":
            yield one["metadata"]["name"], one["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def test_the_chart_is_clean_and_kubernetes_accepts_what_it_makes(
    tmp_path: Path, rendered: list[dict[str, Any]]
) -> None:
    assert helm(tmp_path, VALUES, "lint", "--strict").returncode == 0
    validate = [str(Path(sys.executable).with_name("kubernetes-validate")), "--strict", str(tmp_path / "all.yaml")]
    checked = subprocess.run(validate, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert len(rendered) >= 11


@pytest.mark.parametrize("missing", ["secret", "migrationSecret", "publicUrl", "image", "network"])
def test_a_value_that_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    done = helm(tmp_path, {key: value for key, value in VALUES.items() if key != missing}, "template", "region")
    assert done.returncode != 0
    assert f"{missing}" in done.stderr
    assert "is needed" in done.stderr


def test_only_the_worker_has_the_password_of_the_mail_server_and_it_is_a_file(tmp_path: Path) -> None:
    mail = {"host": "mail.example", "user": "qorgan", "passwordSecret": {"name": "mail", "key": "password"}}
    trusted = {"caConfigMap": {"name": "authority", "key": "ca.crt"}}
    done = helm(tmp_path, VALUES | {"mail": mail | trusted}, "template", "region")
    assert done.returncode == 0, done.stderr
    holding = {}
    for name, pod in pods([one for one in yaml.safe_load_all(done.stdout) if one]):
        (container,) = pod["containers"]
        given = {one["name"]: one["value"] for one in container["env"]}
        assert (given["QORGAN_SMTP_HOST"], given["QORGAN_SMTP_TLS"]) == ("mail.example", "starttls")
        secrets = [one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one]
        holding[name.partition("-")[2].partition("-")[0]] = (given.get("QORGAN_SMTP_PASSWORD_FILE"), secrets)
    assert holding.pop("worker") == ("/mail/password/password", ["mail"])
    assert set(map(str, holding.values())) == {"(None, [])"}
    missing = helm(tmp_path, VALUES | {"mail": {"host": "mail.example", "user": "qorgan"}}, "template", "region")
    assert "mail.passwordSecret.name is needed" in missing.stderr


def test_no_pod_is_root_or_can_write_or_holds_a_token(rendered: list[dict[str, Any]]) -> None:
    for name, pod in pods(rendered):
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True, name
            assert rights["allowPrivilegeEscalation"] is False, name
            assert rights["capabilities"] == {"drop": ["ALL"]}, name
            assert "memory" in container["resources"]["limits"], name


def test_only_the_migration_has_the_administrators_secret_and_only_the_relay_the_checkpoints(
    rendered: list[dict[str, Any]],
) -> None:
    secrets = {
        name: {source["secretRef"]["name"] for c in pod["containers"] for source in c["envFrom"]}
        for name, pod in pods(rendered)
    }
    assert {name for name, known in secrets.items() if "qorgan-administrator" in known} == {"region-migrate-1"}
    assert {name for name, known in secrets.items() if "qorgan-backup" in known} == {"region-backup"}
    claims = {
        (name, v["persistentVolumeClaim"]["claimName"])
        for name, pod in pods(rendered)
        for v in pod["volumes"]
        if "persistentVolumeClaim" in v
    }
    assert claims == {("region-relay", "near"), ("region-relay", "far"), ("region-backup", "backups")}
    environment = {e["name"]: e["value"] for c in dict(pods(rendered))["region-relay"]["containers"] for e in c["env"]}
    assert environment["QORGAN_CHECKPOINT_DIRS"] == '["/checkpoints/0", "/checkpoints/1"]'


def test_s_53_backups_are_sealed_to_public_keys_and_the_chart_knows_no_private_one(
    tmp_path: Path, rendered: list[dict[str, Any]]
) -> None:
    (container,) = dict(pods(rendered))["region-backup"]["containers"]
    given = {one["name"]: one["value"] for one in container["env"]}
    assert (container["args"], given["QORGAN_BACKUP_RECIPIENTS"]) == (["backup"], '["age1near","age1far"]')
    assert given["QORGAN_BACKUP_DIR"] in {mount["mountPath"] for mount in container["volumeMounts"]}
    assert "QORGAN_BACKUP_RECIPIENTS" not in str([pod for name, pod in pods(rendered) if name != "region-backup"])
    without = helm(tmp_path, VALUES | {"backup": {"recipients": []}}, "template", "region")
    assert (without.returncode, "CronJob" in without.stdout) == (0, False)
    for missing in ("claim", "secret"):
        given_less = {name: value for name, value in VALUES["backup"].items() if name != missing}
        refused = helm(tmp_path, VALUES | {"backup": given_less}, "template", "region")
        assert f"backup.{missing} is needed" in refused.stderr


def test_nothing_comes_in_but_pages_and_nothing_goes_out_but_to_named_servers(rendered: list[dict[str, Any]]) -> None:
    rules = {one["metadata"]["name"]: one["spec"] for one in rendered if one["kind"] == "NetworkPolicy"}
    everything = rules["region"]
    assert everything["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in everything
    blocks = {to["ipBlock"]["cidr"] for rule in everything["egress"] for to in rule["to"] if "ipBlock" in to}
    assert blocks == {"10.0.0.1/32", "10.0.0.2/32"}
    assert rules["region-web"]["ingress"][0]["ports"] == [{"port": "http", "protocol": "TCP"}]


def test_every_setting_of_the_chart_is_a_setting_of_the_program(rendered: list[dict[str, Any]]) -> None:
    from src.platform.kit.settings import Settings  # noqa: PLC0415

    known = {f"QORGAN_{name.upper()}" for name in Settings.model_fields}
    named = {entry["name"] for _, pod in pods(rendered) for c in pod["containers"] for entry in c["env"]}
    assert named <= known
    documented = (Path(CHART) / "values.yaml").read_text()
    for name, field in Settings.model_fields.items():
        if field.is_required():
            assert f"QORGAN_{name.upper()}" in documented


def test_s_18_the_proxy_writes_no_line_about_the_public_address(rendered: list[dict[str, Any]]) -> None:
    found = {
        one["spec"]["rules"][0]["http"]["paths"][0]["path"]: one["metadata"].get("annotations", {})
        for one in rendered
        if one["kind"] == "Ingress"
    }
    assert found == {"/": {}, "/s/": {"nginx.ingress.kubernetes.io/enable-access-log": "false"}}
