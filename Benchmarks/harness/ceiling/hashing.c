// hashing THREADS SECONDS MEMORY_KIB ITERATIONS: Argon2id by libsodium in a plain loop, hashes a second on so many threads.
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double end;
static size_t memory;
static unsigned long long iterations;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void *hash(void *count) {
    unsigned char key[32], salt[crypto_pwhash_SALTBYTES] = {1};
    const char password[] = "correct horse battery";
    for (; now() < end; ++*(long *)count)
        if (crypto_pwhash(key, sizeof key, password, sizeof password - 1, salt, iterations, memory, crypto_pwhash_ALG_ARGON2ID13)) exit(1);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 5 || sodium_init() < 0) return 2;
    int threads = atoi(arguments[1]);
    memory = atol(arguments[3]) * 1024;
    iterations = atol(arguments[4]);
    pthread_t thread[64];
    long hashes[64] = {0}, all = 0;
    double start = now();
    end = start + atof(arguments[2]);
    for (int i = 0; i < threads; i++) pthread_create(&thread[i], NULL, hash, &hashes[i]);
    for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL), all += hashes[i];
    printf("%.3f\n", all / (now() - start));
}
