"""The host as pypsrp itself sees it: no code of ours on the client's side."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from host_kit import HERE, lines, start
from pypsrp.complex_objects import PSInvocationState, RunspacePoolState
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.host import PSHost, PSHostUserInterface
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.shell import SignalCode
from pypsrp.wsman import NAMESPACES, SelectorSet, WSMan

from jobmagics.host.client import HostInfo
from jobmagics.host.files import HostFiles

Connect = Callable[..., WSMan]


def found(connection: WSMan, pool_id: str) -> RunspacePool:
    """The pool as another client finds it, not connected."""
    (pool,) = [pool for pool in RunspacePool.get_runspace_pools(connection) if pool.id == pool_id]
    return pool


def fields(connection: WSMan, shell_id: str) -> dict[str, str | None]:
    selectors = SelectorSet()
    selectors.add_option("ShellId", shell_id)
    body = connection.get(f"{NAMESPACES['rsp']}", selector_set=selectors)
    shell = body.find("rsp:Shell", NAMESPACES)
    assert shell is not None
    return {child.tag.partition("}")[2]: child.text for child in shell}


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_a_pool_opens_runs_and_closes(connect: Connect) -> None:
    pool = RunspacePool(connect())
    pool.open()
    assert pool.state == RunspacePoolState.OPENED
    assert pool.application_private_data is not None
    shell = start(pool, "count 1 3")
    assert shell.end_invoke() == lines(1, 3)
    assert shell.state == PSInvocationState.COMPLETED
    shell.close()
    pool.close()
    with pytest.raises(WSManFaultError) as caught:
        pool.shell._get_shell()
    assert caught.value.code == 0x8033805B


def test_disconnect_enumerate_from_another_connection_connect_and_receive_the_rest(connect: Connect) -> None:
    first = RunspacePool(connect())
    first.shell.name = "nightly & <odd>"
    first.open()
    shell = start(first, "count 1 40 0.02")
    while len(shell.output) < 5:
        shell.poll_invoke()
    first.disconnect()
    received = list(shell.output)

    other = connect()
    seen = fields(other, first.id)
    assert (seen["Name"], seen["State"]) == ("nightly & <odd>", "Disconnected")
    assert seen["IdleTimeOut"] == "PT7200.000S"
    pool = found(other, first.id)
    pool.connect()
    assert pool.state == RunspacePoolState.OPENED
    assert pool.application_private_data is not None
    assert (pool.min_runspaces, pool.max_runspaces) == (1, 1)
    (again,) = pool.create_disconnected_power_shells()
    rest = again.connect()
    # the last reply before the disconnection was never acknowledged by a later Receive: it comes again
    assert rest[-1] == "line 40"
    assert rest == lines(41 - len(rest), 40)
    assert len(rest) >= 40 - len(received)
    assert lines(1, 40)[: len(received)] == received
    assert again.state == PSInvocationState.COMPLETED
    pool.close()


def test_the_same_client_reconnects_and_goes_on(connect: Connect) -> None:
    with RunspacePool(connect()) as pool:
        shell = start(pool, "count 1 30 0.02")
        shell.poll_invoke()
        pool.disconnect()
        with pytest.raises(WSManFaultError) as caught:
            pool._receive(timeout=1)
        assert caught.value.code == 0x803381C4
        time.sleep(0.2)
        pool.connect()
        shell.state = PSInvocationState.RUNNING
        already = len(shell.output)
        output = shell.end_invoke()
        assert output[:already] == lines(1, already)
        assert output[already:] == lines(31 - len(output[already:]), 30)


def test_another_client_cannot_reconnect_what_is_not_its_own(pool: RunspacePool, connect: Connect) -> None:
    pool.disconnect()
    selectors = SelectorSet()
    selectors.add_option("ShellId", pool.id)
    with pytest.raises(WSManFaultError) as caught:
        connect().reconnect(pool.shell.resource_uri, selector_set=selectors)
    assert caught.value.code == 0x803381C6


@pytest.mark.parametrize("after", [0, 7, 20])
def test_a_client_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    host_directory: Path, connect: Connect, after: int
) -> None:
    command = [sys.executable, str(HERE / "killed_client.py"), str(HostFiles(host_directory).card), "count 1 60 0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        pool_id = client.stdout.readline().strip()
        got = [client.stdout.readline().strip() for _ in range(after)]
        client.kill()
        got += client.stdout.read().split("\n")[:-1]
    assert got == lines(1, len(got))

    other = connect()
    wait_until(lambda: fields(other, pool_id)["State"] == "Disconnected", 2)
    pool = found(other, pool_id)
    pool.connect()
    shells = pool.create_disconnected_power_shells()
    if not shells:  # killed before the pipeline was started
        assert after == 0
    else:
        rest = shells[0].connect()
        assert rest == lines(61 - len(rest), 60), "a hole or a double"
        assert len(rest) >= 60 - len(got)
    pool.close()


def test_a_session_held_by_a_living_client_is_refused(pool: RunspacePool, connect: Connect) -> None:
    shell = start(pool, "block")
    other = connect()
    theirs = found(other, pool.id)
    with pytest.raises(WSManFaultError) as caught:
        theirs.connect()
    assert caught.value.code == 0x803381CD
    assert fields(other, pool.id)["State"] == "Connected"
    shell.stop()


def test_a_client_whose_place_was_taken_is_told_so(connect: Connect) -> None:
    old = connect()
    pool = RunspacePool(old)
    pool.open()
    shell = start(pool, "count 1 5")
    pool.disconnect()
    taken = found(connect(), pool.id)
    taken.connect()
    pool.state = RunspacePoolState.OPENED
    with pytest.raises(WSManFaultError) as caught:
        pool._receive(shell.id, timeout=1)
    assert caught.value.code == 0x803381C4
    with pytest.raises(WSManFaultError):
        pool.shell.close()
    assert taken.create_disconnected_power_shells()[0].connect() == lines(1, 5)
    taken.close()


def test_nothing_yet_is_the_operation_time_out(pool: RunspacePool) -> None:
    started = time.monotonic()
    with pytest.raises(WSManFaultError) as caught:
        pool._receive(timeout=1)
    assert caught.value.code == 2150858793
    assert 0.8 < time.monotonic() - started < 3


def test_stop_ends_a_pipeline_and_its_last_output_can_be_read(pool: RunspacePool, connect: Connect) -> None:
    shell = start(pool, "echo before; block")
    while not shell.output:
        shell.poll_invoke()
    # a second connection signals while the first has a Receive pending
    signaller = RunspacePool(connect())
    signaller.shell.id, signaller.shell._selector_set = pool.id, pool.shell._selector_set
    threading.Timer(0.2, signaller.shell.signal, (SignalCode.PS_CTRL_C, shell.id)).start()
    assert shell.end_invoke() == ["before"]
    assert shell.state == PSInvocationState.STOPPED
    shell.close()
    assert PowerShell(pool).add_script("echo after").invoke() == ["after"]


def test_several_pipelines_in_one_session_and_several_sessions_at_once(connect: Connect) -> None:
    with RunspacePool(connect()) as pool:
        for number in range(5):
            with PowerShell(pool) as shell:
                assert shell.add_script(f"echo {number}").invoke() == [str(number)]
    results: dict[int, list[str]] = {}

    def run(number: int) -> None:
        with RunspacePool(connect()) as pool:
            results[number] = start(pool, f"count {number} {number + 200}").end_invoke()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: lines(number, number + 200) for number in range(3)}


def test_a_large_script_and_a_large_output_cross_in_pieces(pool: RunspacePool) -> None:
    shell = PowerShell(pool)
    shell.add_script("echo " + "y" * 1_500_000 + " ; big 3000000")
    first, second = shell.invoke()
    assert len(first) == 1_500_000
    assert second == "x" * 3_000_000


def test_pipeline_input_reaches_the_engine(pool: RunspacePool) -> None:
    shell = PowerShell(pool)
    shell.add_script("input")
    assert shell.invoke(input=(batch for batch in (["a", "b"], ["c"]))) == [3]


def test_a_host_call_is_answered_through_the_pr_stream(connect: Connect) -> None:
    class Answers(PSHostUserInterface):
        def ReadLine(self, runspace: object, pipeline: object) -> str:
            return "forty-two"

    user_interface = Answers()
    host = PSHost(None, None, False, "test", None, user_interface, "1.0")
    with RunspacePool(connect(), host=host) as pool:
        assert PowerShell(pool).add_script("ask").invoke() == ["forty-two"]


def test_pool_calls_are_answered(pool: RunspacePool) -> None:
    assert pool.get_available_runspaces() == 1


def test_the_working_directory_of_a_session_is_its_own(connect: Connect, tmp_path: Path) -> None:
    pool = RunspacePool(connect())
    pool.shell.working_directory = str(tmp_path)
    with pool:
        assert PowerShell(pool).add_script("where").invoke() == [str(tmp_path)]


def test_is_alive_and_the_envelope_size_are_answered(pool: RunspacePool) -> None:
    assert pool.is_alive()
    pool.connection.update_max_payload_size()
    assert pool.connection.max_envelope_size == 500 * 1024


def test_commands_are_listed_until_they_are_terminated(pool: RunspacePool, connect: Connect) -> None:
    other = connect()
    shell = start(pool, "echo done")
    assert list(found(other, pool.id).pipelines) == [shell.id]
    shell.end_invoke()
    shell.close()
    assert found(other, pool.id).pipelines == {}
    with pytest.raises(WSManFaultError) as caught:
        pool.shell.signal(SignalCode.TERMINATE, shell.id)
    assert caught.value.code == 0x8033805B


def test_a_request_sent_again_gets_the_same_reply(pool: RunspacePool, host: HostInfo) -> None:
    shell = start(pool, "count 1 5")
    time.sleep(0.3)
    receive = ET.Element(f"{{{NAMESPACES['rsp']}}}Receive")
    ET.SubElement(receive, f"{{{NAMESPACES['rsp']}}}DesiredStream", CommandId=shell.id).text = "stdout"
    message_id, header = pool.connection._create_header(
        "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Receive",
        pool.shell.resource_uri,
        selector_set=pool.shell._selector_set,
    )
    envelope = ET.Element(f"{{{NAMESPACES['s']}}}Envelope")
    envelope.append(header)
    ET.SubElement(envelope, f"{{{NAMESPACES['s']}}}Body").append(receive)
    request = ET.tostring(envelope)
    replies = [ET.fromstring(pool.connection.transport.send(request)) for _ in range(2)]
    streams = [[stream.text for stream in reply.iter(f"{{{NAMESPACES['rsp']}}}Stream")] for reply in replies]
    assert streams[0] == streams[1]
    assert streams[0][0]
    assert message_id in (replies[0].findtext("s:Header/wsa:RelatesTo", namespaces=NAMESPACES) or "")


def test_disconnect_takes_an_idle_time_out_within_bounds(pool: RunspacePool, connect: Connect) -> None:
    def disconnect(seconds: int) -> None:
        body = ET.Element(f"{{{NAMESPACES['rsp']}}}Disconnect")
        ET.SubElement(body, f"{{{NAMESPACES['rsp']}}}IdleTimeOut").text = f"PT{seconds}S"
        ET.SubElement(body, f"{{{NAMESPACES['rsp']}}}BufferMode").text = "Drop"
        pool.connection.disconnect(pool.shell.resource_uri, body, selector_set=pool.shell._selector_set)

    with pytest.raises(WSManFaultError) as caught:
        disconnect(5)
    assert caught.value.code == 0x803381F2
    disconnect(3600)
    seen = fields(connect(), pool.id)
    assert (seen["IdleTimeOut"], seen["BufferMode"]) == ("PT3600.000S", "Drop")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dies-at-start", "ended with exit status 3: no license found."),
        ("floods-stderr", "ended with exit status 4: complaint 99999."),
        ("garbage", "is not an element of the out-of-process protocol"),
        ("bad-base64", "is not base64"),
        ("half-fragment", "a fragment header is cut short"),
        ("closes-stdout", "ended by signal SIGKILL"),
    ],
)
def test_an_engine_that_goes_wrong_breaks_its_own_session_with_a_reason(
    connect: Connect, pool: RunspacePool, name: str, reason: str
) -> None:
    broken = RunspacePool(connect(), configuration_name=name)
    with pytest.raises(WSManFaultError) as caught:
        broken.open()
    assert caught.value.code == 1726
    assert reason in caught.value.reason
    broken.shell.close()
    assert PowerShell(pool).add_script("echo alive").invoke() == ["alive"]


def test_an_engine_that_hangs_only_times_out_and_can_be_closed(connect: Connect) -> None:
    hung = RunspacePool(connect(operation_timeout=1), configuration_name="hangs")
    with pytest.raises(WSManFaultError) as caught:
        hung.open()
    assert caught.value.code == 2150858793
    hung.shell.close()


def test_an_engine_that_dies_in_the_middle_delivers_what_it_said_and_then_the_reason(
    connect: Connect, pool: RunspacePool
) -> None:
    doomed = RunspacePool(connect())
    doomed.open()
    shell = start(doomed, "count 1 500; die 9 out of cheese")
    with pytest.raises(WSManFaultError) as caught:
        shell.end_invoke()
    assert shell.output == lines(1, 500)
    assert caught.value.code == 1726
    assert caught.value.reason == "The PowerShell engine of this session ended with exit status 9: out of cheese."
    with pytest.raises(WSManFaultError):
        PowerShell(doomed).add_script("echo more").invoke()
    doomed.close()
    assert PowerShell(pool).add_script("echo alive").invoke() == ["alive"]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("nonsense", 0x8033803B, "it has absent, bad-base64"),
        ("absent", 0x80338041, "could not be started"),
    ],
)
def test_an_unknown_or_missing_engine_is_refused_at_once(connect: Connect, name: str, code: int, words: str) -> None:
    with pytest.raises(WSManFaultError) as caught:
        RunspacePool(connect(), configuration_name=name).open()
    assert caught.value.code == code
    assert words in caught.value.reason


def test_closing_a_session_ends_its_whole_process_group(connect: Connect) -> None:
    with RunspacePool(connect()) as pool:
        (child,) = PowerShell(pool).add_script("child").invoke()
        assert Path(f"/proc/{child}").exists()
    wait_until(lambda: not running(child))


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_wrong_secret_is_refused(host: HostInfo) -> None:
    options = {"auth": "basic", "cert_validation": str(host.certificate), "no_proxy": True}
    with (
        WSMan(host.address, port=host.port, username=host.user, password="guess", **options) as stranger,
        pytest.raises(AuthenticationError),
    ):
        RunspacePool(stranger).open()


def test_another_certificate_is_not_accepted_by_a_pinning_client(host: HostInfo, tmp_path: Path) -> None:
    import datetime

    from jobmagics.host.certificate import make_certificate

    other = tmp_path / "other.pem"
    other.write_bytes(make_certificate(datetime.datetime.now(datetime.timezone.utc))[1])
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://{host.address}:{host.port}/status", verify=str(other), timeout=5)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b'<!DOCTYPE x [<!ENTITY e "boom">]><x>&e;</x>',
        b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'/>",
        b"<a>" * 100_000,
    ],
)
def test_a_request_that_is_no_envelope_is_a_fault_and_nothing_more(host: HostInfo, body: bytes) -> None:
    with requests.Session() as session:
        session.trust_env = False
        reply = session.post(
            f"https://{host.address}:{host.port}/wsman",
            body,
            auth=(host.user, host.secret()),
            verify=str(host.certificate),
            timeout=5,
        )
    assert reply.status_code == 500
    assert 'Code="2150858817"' in reply.text


def test_identify_is_answered(host: HostInfo) -> None:
    body = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
        '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identify/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
    )
    token = base64.b64encode(f"{host.user}:{host.secret()}".encode()).decode()
    with requests.Session() as session:
        session.trust_env = False
        reply = session.post(
            f"https://{host.address}:{host.port}/wsman",
            body,
            headers={"Authorization": f"Basic {token}"},
            verify=str(host.certificate),
            timeout=5,
        )
    assert "<i:ProductVendor>jobmagics</i:ProductVendor>" in reply.text


def received_lines(pool: RunspacePool, shell: PowerShell) -> list[bytes]:
    """What a client that comes back gets, by number."""
    data, state = b"", ""
    while not state.endswith("Done"):
        state, _, buffers = pool.shell.receive("stdout", shell.id)
        data += buffers["stdout"]
    return re.findall(rb"<S>(\d+) x", data)


def disconnect_in_mode(pool: RunspacePool, mode: str) -> None:
    """As pypsrp's own disconnect, with the buffer mode that pypsrp leaves out."""
    rsp = "{http://schemas.microsoft.com/wbem/wsman/1/windows/shell}"
    request = ET.Element(rsp + "Disconnect")
    ET.SubElement(request, rsp + "BufferMode").text = mode
    selectors = SelectorSet()
    selectors.add_option("ShellId", pool.id)
    pool.connection.disconnect(pool.shell.resource_uri, request, selector_set=selectors)
    pool.state = RunspacePoolState.DISCONNECTED


def test_in_mode_block_a_script_waits_while_nobody_receives_and_loses_nothing(
    host: HostInfo, connect: Connect, tmp_path: Path
) -> None:
    pool = RunspacePool(connect())
    pool.open()
    notes = tmp_path / "notes"
    shell = start(pool, f"flood 1000 10000;note {notes} 1 0")
    disconnect_in_mode(pool, "Block")
    time.sleep(1.0)
    assert not notes.exists(), "10 MB are more than the buffer holds, so the script is held up"
    pool.connect()
    assert received_lines(pool, shell) == [str(number).encode() for number in range(1000)]
    wait_until(notes.exists)
    pool.close()


def test_in_mode_drop_a_script_goes_on_and_the_newest_is_kept(connect: Connect, tmp_path: Path) -> None:
    pool = RunspacePool(connect())
    pool.open()
    notes = tmp_path / "notes"
    shell = start(pool, f"flood 1000 10000;note {notes} 1 0")
    disconnect_in_mode(pool, "Drop")
    wait_until(notes.exists)
    pool.connect()
    numbers = [int(number) for number in received_lines(pool, shell)]
    assert numbers == list(range(numbers[0], 1000))
    assert 200 < len(numbers) < 500, "4 MiB of them"
    pool.close()


def test_a_job_that_prints_a_lot_while_nobody_listens_goes_on_in_little_memory(
    host: HostInfo, connect: Connect
) -> None:
    pool = RunspacePool(connect())
    pool.open()
    shell = start(pool, "flood 6000 10000")
    pool.disconnect()
    memory = Path(f"/proc/{host.pid}/status")
    time.sleep(1.5)
    pool.connect()
    received = 0
    state = ""
    while not state.endswith("Done"):
        state, _, buffers = pool.shell.receive("stdout", shell.id)
        received += len(buffers["stdout"])
    assert received > 60_000_000
    peak = re.search(r"VmHWM:\s+(\d+) kB", memory.read_text(encoding="ascii"))
    assert peak is not None
    assert int(peak[1]) < 120_000
    pool.close()
