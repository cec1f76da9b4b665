"""A trace collector for tests: takes OTLP over HTTP on a free port of loopback, parsed by OpenTelemetry's own messages.

It prints a line of JSON with its port once it listens, and then one for each span that it has got. With `silent` as its argument
it takes requests and never answers. It ends with its standard input. What it needs of PyPI it installs into .local/collector, once;
with `install` as its argument it does no more than that.
"""

import fcntl
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

PACKAGES = ["opentelemetry-proto==1.45.2"]
VENV = pathlib.Path(__file__).resolve().parents[2] / ".local" / "collector"

try:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
except ImportError:
    python = VENV / "bin" / "python"
    if pathlib.Path(sys.prefix) == VENV:
        raise
    VENV.parent.mkdir(exist_ok=True)
    # Several start at the same time.
    with open(VENV.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = VENV / "installed"
        if not done.exists() or done.read_text(encoding="utf-8") != "\n".join(PACKAGES):
            subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True, stdout=sys.stderr)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
                           check=True, stdout=sys.stderr)
            done.write_text("\n".join(PACKAGES), encoding="utf-8")
    os.execv(python, [python, *sys.argv])


def attributes(pairs):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def known(message):
    copy = type(message)()
    copy.CopyFrom(message)
    copy.DiscardUnknownFields()
    return copy


def context(message):
    return {"trace": message.trace_id.hex(), "span": message.span_id.hex(), "state": message.trace_state}


def spans(request):
    for resource in request.resource_spans:
        service = attributes(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    **context(span), "parent": span.parent_span_id.hex(), "name": span.name, "kind": span.kind,
                    "start": span.start_time_unix_nano, "end": span.end_time_unix_nano, "failed": span.status.code == 2,
                    "attributes": {name: str(value) for name, value in attributes(span.attributes).items()},
                    "links": [context(link) for link in span.links],
                    "resource": service,
                }


if "install" in sys.argv:
    sys.exit()
printing = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if "silent" in sys.argv:
            time.sleep(3600)
        request = ExportTraceServiceRequest.FromString(body)
        # As many bytes as what was understood of it makes: nothing in it is unknown to OTLP.
        right = (self.path == "/v1/traces" and self.headers["content-type"] == "application/x-protobuf"
                 and known(request).ByteSize() == len(body))
        lines = [json.dumps(span) + "\n" for span in spans(request)] if right else []
        with printing:
            sys.stdout.write("".join(lines))
            sys.stdout.flush()
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(200 if right else 400)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    # A service that is killed, as the tests do, does not wait for its answer.
    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"port": server.server_port}), flush=True)
sys.stdin.read()
