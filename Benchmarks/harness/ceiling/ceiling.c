// ceiling PORT CONNINFO: what this machine can do at best with the work of an authenticated request. One thread, one connection
// to PostgreSQL; HTTP/1.1 with keep-alive; the bearer token's checksum and digest; look-ups that arrive while one is in flight
// leave together in the next; every answer asked of the database. It knows GET /api/auth/verify and /api/profile and nothing
// else of the contract, and ends when the database fails.
#define OPENSSL_SUPPRESS_DEPRECATED
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 128, TOKEN_LENGTH = 79, HEAD = 4, EVENTS = 512 };

// One client. It has one request at a time: what it sends before its answer stays in its buffer.
typedef struct Client {
    int fd;
    bool waits, is_gone, wants_profile;
    uint8_t session[16], generation[4], digest[32];
    struct Client *next;
    size_t length;
    char input[4096];
} Client;

static int loop;
static PGconn *database;
static Client *first, *last, *batch[BATCH];
static Client *gone; // freed when no event of this round can name them any more
static int batch_size;
static bool is_in_flight;

static const char *const look_up =
    "SELECT k.n, u.id, u.email, u.created_at, s.name, s.created_at, s.last_seen_at, s.expires_at, s.idle_expires_at,"
    "       host(s.ip), s.user_agent, s.generation, s.rotated_at,"
    "       CASE WHEN s.access_expires_at > now() THEN s.access_digest END, s.access_expires_at,"
    "       CASE WHEN s.previous_access_expires_at > now() THEN s.previous_access_digest END, s.previous_access_expires_at,"
    "       s.last_seen_at < now() - interval '1 minute', s.generation > 1 AND s.successor_used_at IS NULL "
    "FROM unnest($1::integer[], $2::uuid[]) WITH ORDINALITY AS k (routing, id, n) "
    "JOIN sessions s ON s.routing = k.routing AND s.id = k.id "
    "JOIN users u ON u.routing = s.routing AND u.id = s.user_id "
    "WHERE s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()"
    "  AND u.session_epoch = s.session_epoch AND u.disabled_at IS NULL"
    "  AND s.created_at >= (SELECT began_at FROM session_cutoff WHERE is_only)";
enum { ORDINAL, USER, EMAIL, CREATED_AT, GENERATION = 11, DIGEST = 13, PREVIOUS_DIGEST = 15 };

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, database ? PQerrorMessage(database) : strerror(errno));
    exit(1);
}

// MARK: Tokens

static uint8_t base64_values[256];
static uint32_t crc_table[256];

static void make_tables(void) {
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    memset(base64_values, 0xFF, sizeof base64_values);
    for (int i = 0; i < 64; i++) base64_values[(uint8_t)alphabet[i]] = i;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? 0xEDB88320 ^ value >> 1 : value >> 1;
        crc_table[i] = value;
    }
}

static uint32_t crc(uint32_t value, const uint8_t *octets, size_t count) {
    while (count--) value = crc_table[(uint8_t)value ^ *octets++] ^ value >> 8;
    return value;
}

// aat_ and session id (16), generation (4), secret (32), CRC-32 (4) in base64url.
static bool read_token(Client *client, const char *text, size_t length) {
    if (length != TOKEN_LENGTH || memcmp(text, "aat_", HEAD) != 0) return false;
    uint8_t octets[57];
    uint32_t bits = 0, count = 0, at = 0;
    for (size_t i = HEAD; i < length; i++) {
        uint8_t value = base64_values[(uint8_t)text[i]];
        if (value == 0xFF) return false;
        bits = bits << 6 | value;
        if ((count += 6) >= 8) octets[at++] = bits >> (count -= 8);
    }
    if (bits & ((1u << count) - 1)) return false;
    uint32_t sum = ~crc(crc(~0u, (const uint8_t *)text, HEAD), octets, 52);
    uint32_t expected = (uint32_t)octets[52] << 24 | octets[53] << 16 | octets[54] << 8 | octets[55];
    if (sum != expected) return false;
    memcpy(client->session, octets, 16);
    memcpy(client->generation, octets + 16, 4);
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, octets + 20, 32);
    SHA256_Final(client->digest, &context);
    return true;
}

// MARK: Answers

static void bury(Client *client) {
    client->next = gone;
    gone = client;
}

static void free_gone(void) {
    for (Client *next; gone; gone = next) {
        next = gone->next;
        free(gone);
    }
}

static void drop(Client *client) {
    close(client->fd);
    client->is_gone = true;
    if (!client->waits) bury(client);
}

// An answer is far smaller than a socket's buffer. A client that leaves several unread is dropped.
static void send_answer(Client *client, const char *text, size_t length) {
    if (write(client->fd, text, length) != (ssize_t)length) drop(client);
}

static void refuse(Client *client, const char *status) {
    char text[128];
    send_answer(client, text, snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", status));
}

static char *put(char *to, const char *text, size_t length) { return (char *)memcpy(to, text, length) + length; }
#define PUT(to, text) put(to, text, sizeof text - 1)

static char *put_uuid(char *to, const uint8_t *octets) {
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
        *to++ = "0123456789abcdef"[octets[i] >> 4];
        *to++ = "0123456789abcdef"[octets[i] & 15];
    }
    return to;
}

static char *put_time(char *to, const uint8_t *value) {
    uint64_t bits;
    memcpy(&bits, value, 8);
    int64_t microseconds = (int64_t)be64toh(bits) + 946684800LL * 1000000;
    time_t seconds = microseconds / 1000000;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    return to + sprintf(to, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                        parts.tm_hour, parts.tm_min, parts.tm_sec, (int)(microseconds % 1000000));
}

static char *put_identity(char *to, Client *client, PGresult *rows, int row) {
    to = PUT(to, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Auth-User-Id: ");
    to = put_uuid(to, (uint8_t *)PQgetvalue(rows, row, USER));
    to = PUT(to, "\r\nX-Auth-Email: ");
    to = put(to, PQgetvalue(rows, row, EMAIL), PQgetlength(rows, row, EMAIL));
    to = PUT(to, "\r\nX-Auth-Session-Id: ");
    return PUT(put_uuid(to, client->session), "\r\n\r\n");
}

static char *put_profile(char *to, Client *client, PGresult *rows, int row) {
    char body[1024], *end = PUT(body, "{\"created_at\":\"");
    end = put_time(end, (uint8_t *)PQgetvalue(rows, row, CREATED_AT));
    end = PUT(end, "\",\"email\":\"");
    end = put(end, PQgetvalue(rows, row, EMAIL), PQgetlength(rows, row, EMAIL));
    end = PUT(end, "\",\"id\":\"");
    end = put_uuid(end, (uint8_t *)PQgetvalue(rows, row, USER));
    end = PUT(end, "\",\"session\":\"");
    end = PUT(put_uuid(end, client->session), "\"}");
    to += sprintf(to, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", (int)(end - body));
    return put(to, body, end - body);
}

static bool is_accepted(Client *client, PGresult *rows, int row) {
    uint32_t presented, current;
    memcpy(&presented, client->generation, 4);
    memcpy(&current, PQgetvalue(rows, row, GENERATION), 4);
    int column = presented == current ? DIGEST : ntohl(presented) + 1 == ntohl(current) ? PREVIOUS_DIGEST : -1;
    return column >= 0 && PQgetlength(rows, row, column) == 32
        && CRYPTO_memcmp(PQgetvalue(rows, row, column), client->digest, 32) == 0;
}

static void answer(Client *client, PGresult *rows, int row) {
    char text[2048];
    if (row < 0 || !is_accepted(client, rows, row)) return refuse(client, "401 Unauthorized");
    char *end = client->wants_profile ? put_profile(text, client, rows, row) : put_identity(text, client, rows, row);
    send_answer(client, text, end - text);
}

// MARK: Look-ups

static char *put_int(char *to, uint32_t value) {
    value = htonl(value);
    return put(to, (char *)&value, 4);
}

static char *put_array_head(char *to, uint32_t type) {
    return put_int(put_int(put_int(put_int(put_int(to, 1), 0), type), batch_size), 1);
}

static void flush_database(void) {
    int rest = PQflush(database);
    if (rest < 0) fail("flush");
    struct epoll_event event = {.events = EPOLLIN | (rest ? EPOLLOUT : 0), .data.ptr = NULL};
    static uint32_t watched;
    if (event.events != watched && epoll_ctl(loop, EPOLL_CTL_MOD, PQsocket(database), &event) < 0) fail("epoll_ctl");
    watched = event.events;
}

static void send_batch(void) {
    static char routings[20 + 8 * BATCH], ids[20 + 20 * BATCH];
    for (batch_size = 0; first && batch_size < BATCH; first = first->next) batch[batch_size++] = first;
    char *routing = put_array_head(routings, 23), *id = put_array_head(ids, 2950);
    for (int i = 0; i < batch_size; i++) {
        // The first twelve bits of the last four bytes.
        const unsigned char *end = (const unsigned char *)batch[i]->session + 12;
        routing = put_int(put_int(routing, 4), end[0] << 4 | end[1] >> 4);
        id = put(put_int(id, 16), (char *)batch[i]->session, 16);
    }
    const char *values[] = {routings, ids};
    const int lengths[] = {routing - routings, id - ids}, formats[] = {1, 1};
    if (!PQsendQueryPrepared(database, "look_up", 2, values, lengths, formats, 1)) fail("send");
    is_in_flight = true;
    flush_database();
}

static void read_requests(Client *client);

static void finish(PGresult *rows) {
    int row_of[BATCH];
    if (PQresultStatus(rows) != PGRES_TUPLES_OK) fail("look-up");
    memset(row_of, 0xFF, sizeof row_of);
    for (int row = 0; row < PQntuples(rows); row++) {
        uint64_t ordinal;
        memcpy(&ordinal, PQgetvalue(rows, row, ORDINAL), 8);
        row_of[be64toh(ordinal) - 1] = row;
    }
    for (int i = 0; i < batch_size; i++) {
        Client *client = batch[i];
        client->waits = false;
        if (client->is_gone) {
            bury(client);
        } else {
            answer(client, rows, row_of[i]);
            read_requests(client);
        }
    }
}

static void read_database(void) {
    if (!PQconsumeInput(database)) fail("read");
    while (is_in_flight && !PQisBusy(database)) {
        PGresult *rows = PQgetResult(database);
        if (rows) finish(rows);
        else is_in_flight = false;
        PQclear(rows);
    }
    if (is_in_flight) flush_database();
}

// MARK: Requests

static const char *bearer(const char *head, const char *end, size_t *length) {
    for (const char *line = memchr(head, '\n', end - head); line && ++line < end; line = memchr(line, '\n', end - line)) {
        if (strncasecmp(line, "authorization: bearer ", 22) != 0) continue;
        const char *token = line + 22, *stop = memchr(token, '\r', end - token);
        *length = stop - token;
        return token;
    }
    return NULL;
}

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static void append(Client *client) {
    client->waits = true;
    client->next = NULL;
    if (first) last->next = client;
    else first = client;
    last = client;
}

// False where the buffer holds no whole request.
static bool take_request(Client *client) {
    client->input[client->length] = 0;
    char *end = strstr(client->input, "\r\n\r\n");
    if (!end) return false;
    end += 4;
    size_t length = 0;
    const char *token = bearer(client->input, end, &length);
    client->wants_profile = begins(client->input, "GET /api/profile");
    bool is_known = client->wants_profile || begins(client->input, "GET /api/auth/verify");
    bool is_token = token && read_token(client, token, length);
    client->length -= end - client->input;
    memmove(client->input, end, client->length);
    if (!is_known) refuse(client, "404 Not Found");
    else if (!is_token) refuse(client, "401 Unauthorized");
    else append(client);
    return true;
}

static void read_requests(Client *client) {
    while (client->length && !client->waits && !client->is_gone && take_request(client)) continue;
}

static void read_client(Client *client) {
    if (client->is_gone) return;
    size_t room = sizeof client->input - 1 - client->length;
    ssize_t count = room ? read(client->fd, client->input + client->length, room) : 0;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return drop(client);
    client->length += count;
    read_requests(client);
}

static void accept_clients(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        Client *client = malloc(sizeof *client);
        memset(client, 0, offsetof(Client, input));
        client->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_ctl(loop, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = client});
    }
}

static int listen_at(const char *port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = {AF_INET, htons(atoi(port)), {htonl(INADDR_LOOPBACK)}, {0}};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0) fail("listen");
    return listener;
}

static void connect_database(const char *conninfo) {
    database = PQconnectdb(conninfo);
    if (PQstatus(database) != CONNECTION_OK) fail("connect");
    PQclear(PQexec(database, "SET plan_cache_mode = force_generic_plan"));
    PGresult *prepared = PQprepare(database, "look_up", look_up, 0, NULL);
    if (PQresultStatus(prepared) != PGRES_COMMAND_OK) fail("prepare");
    PQclear(prepared);
    PQsetnonblocking(database, 1);
}

int main(int count, char **arguments) {
    if (count != 3) return fprintf(stderr, "ceiling PORT CONNINFO\n"), 2;
    make_tables();
    int listener = listen_at(arguments[1]);
    connect_database(arguments[2]);
    loop = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(loop, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &loop});
    epoll_ctl(loop, EPOLL_CTL_ADD, PQsocket(database), &(struct epoll_event){.events = EPOLLIN, .data.ptr = NULL});
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(loop, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            void *source = events[i].data.ptr;
            if (source == &loop) accept_clients(listener);
            else if (source == NULL) read_database();
            else read_client(source);
        }
        if (first && !is_in_flight) send_batch();
        free_gone();
    }
}
