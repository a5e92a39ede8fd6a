"""What the server takes before anybody asks: time to start, memory, memory of open connections."""

import socket
import time

from harness.process import resident_kib


def start_seconds(service):
    service.stop()
    return service.start()


def idle_kib(service):
    """A while after the start."""
    time.sleep(2)
    return resident_kib(service.process.pid)


def connection_kib(service, count):
    """Memory of one of so many connections that were each used once and are kept open."""
    before, sockets = resident_kib(service.process.pid), []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", service.port))
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(4096)
        sockets.append(connection)
    time.sleep(0.5)
    grown = resident_kib(service.process.pid) - before
    for connection in sockets:
        connection.close()
    return grown / count
