"""A mail server on loopback that keeps what it accepts and refuses now and then."""

import email
import socketserver
import threading
from collections import Counter

REFUSE_EVERY = 7  # of the messages, with a temporary failure


class Session(socketserver.StreamRequestHandler):
    """One SMTP conversation, as much of RFC 5321 as Python's client speaks."""

    def handle(self):
        self.say("220 loopback")
        for line in self.rfile:
            word = line.decode().split(" ")[0].strip().upper()
            if word == "QUIT":
                self.say("221 bye")
                return
            if word == "DATA":
                self.take()
            else:
                self.say("250 ok")

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def take(self):
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.say(self.server.judge(email.message_from_bytes(b"".join(lines))["Message-ID"]))


class LoopbackMail(socketserver.ThreadingTCPServer):
    """Counts accepted messages by Message-ID; `refuses=False` accepts all."""

    daemon_threads = allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, refuses=True):
        super().__init__(("127.0.0.1", 0), Session)
        self.refuses, self.seen, self.accepted, self.lock = refuses, 0, Counter(), threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def judge(self, message_id):
        """Accept or refuse one message; return the reply."""
        with self.lock:
            self.seen += 1
            if self.refuses and self.seen % REFUSE_EVERY == 0:
                return "451 try again later"
            self.accepted[message_id] += 1
            return "250 kept"
