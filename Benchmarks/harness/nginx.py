"""nginx with the configuration of deploy/nginx, its addresses replaced, and an app behind it that says nothing but 200."""

import pathlib
import tempfile

from harness.cluster import ROOT
from harness.process import free_port
from harness.program import Program

CONFIGURATION = ROOT / "deploy" / "nginx" / "auth-api.conf"
MAIN = """
daemon off; pid {folder}/pid; error_log {folder}/error.log warn; worker_processes auto;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 127.0.0.1:{app}; location / {{ return 200; }} }}
    include {folder}/auth-api.conf;
}}
"""


class Nginx(Program):
    def __init__(self, service):
        self.folder = tempfile.TemporaryDirectory()
        folder, app = pathlib.Path(self.folder.name), free_port()
        text = CONFIGURATION.read_text()
        port = free_port()
        for documented, chosen in {8080: port, 8000: service.port, 9000: app}.items():
            text = text.replace(f"127.0.0.1:{documented}", f"127.0.0.1:{chosen}")
        (folder / "auth-api.conf").write_text(text)
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, app=app))
        super().__init__(["nginx", "-c", folder / "nginx.conf"], port=port)


def connections(port):
    """Connections to a port of this machine, by state: established, and in TIME_WAIT, which those that were closed leave behind."""
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    states = [row[3] for row in rows if int(row[2].split(":")[1], 16) == port]
    return {"established": states.count("01"), "closed": states.count("06")}
