/* SPDX-License-Identifier: MIT
 *
 * The kernel's part of kTLS, for kernels without it: a library to preload. It
 * takes the keys by setsockopt as Linux does (tls(7)) and turns what the program
 * sends into records. Receiving stays the program's. At the end it writes how many
 * records it has made; what the real one would refuse ends the program. */
#include <dlfcn.h>
#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#pragma GCC visibility push(default) /* what the program calls is to be found here */

enum { FDS = 4096, RECORD = 16384, DATA = 23, AT_ONCE = 4 * RECORD };

typedef struct sender {
    int attached, active, tls13;
    const EVP_CIPHER *cipher;
    unsigned char key[32], salt[4], iv[12], seq[8];
    size_t salt_len, iv_len;
} sender;

static sender senders[FDS];
static unsigned long records, controls, files;

static int (*real_setsockopt)(int, int, int, const void *, socklen_t);
static ssize_t (*real_send)(int, const void *, size_t, int);
static ssize_t (*real_sendmsg)(int, const struct msghdr *, int);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_sendfile)(int, int, off_t *, size_t);
static int (*real_close)(int);

static void find(const char *name, void *into)
{
    void *at = dlsym(RTLD_NEXT, name);
    memcpy(into, &at, sizeof at);
}

__attribute__((constructor)) static void begin(void)
{
    find("setsockopt", &real_setsockopt);
    find("send", &real_send);
    find("sendmsg", &real_sendmsg);
    find("writev", &real_writev);
    find("write", &real_write);
    find("sendfile", &real_sendfile);
    find("close", &real_close);
}

__attribute__((destructor)) static void tell(void)
{
    fprintf(stderr, "kernel: %lu records of data, %lu others, %lu parts of files\n", records,
            controls, files);
}

static void wrong(const char *what)
{
    fprintf(stderr, "kernel: %s\n", what);
    abort();
}

static sender *of(int fd)
{
    return fd >= 0 && fd < FDS ? &senders[fd] : NULL;
}

/* ---- Keys ----------------------------------------------------------------- */

static void take(void *into, const void *from, size_t n)
{
    memcpy(into, from, n);
}

static int take_key(sender *s, const void *value, size_t len)
{
    const struct tls_crypto_info *info = value;
    s->tls13 = info->version == TLS_1_3_VERSION;
    if (info->cipher_type == TLS_CIPHER_AES_GCM_128 &&
        len == sizeof(struct tls12_crypto_info_aes_gcm_128)) {
        const struct tls12_crypto_info_aes_gcm_128 *k = value;
        s->cipher = EVP_aes_128_gcm();
        take(s->key, k->key, sizeof k->key);
        take(s->salt, k->salt, s->salt_len = sizeof k->salt);
        take(s->iv, k->iv, s->iv_len = sizeof k->iv);
        take(s->seq, k->rec_seq, sizeof k->rec_seq);
    } else if (info->cipher_type == TLS_CIPHER_AES_GCM_256 &&
               len == sizeof(struct tls12_crypto_info_aes_gcm_256)) {
        const struct tls12_crypto_info_aes_gcm_256 *k = value;
        s->cipher = EVP_aes_256_gcm();
        take(s->key, k->key, sizeof k->key);
        take(s->salt, k->salt, s->salt_len = sizeof k->salt);
        take(s->iv, k->iv, s->iv_len = sizeof k->iv);
        take(s->seq, k->rec_seq, sizeof k->rec_seq);
    } else {
        errno = EINVAL; /* a cipher that this one does not know */
        return -1;
    }
    s->active = 1;
    return 0;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    sender *s = of(fd);
    if (level == IPPROTO_TCP && name == TCP_ULP) {
        struct sockaddr_storage peer;
        socklen_t peer_len = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)&peer, &peer_len) < 0 || !s) {
            errno = ENOTCONN;
            return -1;
        }
        *s = (sender){.attached = 1};
        return 0;
    }
    if (level == SOL_TLS && name == TLS_TX && s && s->attached)
        return s->active ? (wrong("a second key"), -1) : take_key(s, value, len);
    if (level == SOL_TLS)
        wrong("asked for what is not ours to give");
    return real_setsockopt(fd, level, name, value, len);
}

/* ---- Records --------------------------------------------------------------- */

static void count_up(unsigned char *at, size_t n)
{
    while (n-- > 0 && ++at[n] == 0)
        ;
}

static void write_out(int fd, const unsigned char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = real_send(fd, data, len, MSG_NOSIGNAL);
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        } else if (errno != EAGAIN || poll(&p, 1, 60000) != 1) {
            return;
        }
    }
}

/* The nonce, and what stands before the encrypted bytes; its length. */
static size_t open_record(sender *s, unsigned char *record, unsigned char *nonce, size_t len)
{
    memcpy(nonce, s->salt, s->salt_len);
    memcpy(nonce + s->salt_len, s->iv, s->iv_len);
    size_t body = s->tls13 ? len + 1 + 16 : s->iv_len + len + 16;
    record[1] = record[2] = 3;
    record[3] = (unsigned char)(body >> 8);
    record[4] = (unsigned char)body;
    if (!s->tls13) {
        memcpy(record + 5, s->iv, s->iv_len);
        return 5 + s->iv_len;
    }
    record[0] = DATA;
    for (size_t i = 0; i < 8; i++)
        nonce[4 + i] ^= s->seq[i];
    return 5;
}

static size_t make_aad(const sender *s, unsigned char *aad, const unsigned char *record, size_t len)
{
    if (s->tls13) {
        memcpy(aad, record, 5);
        return 5;
    }
    memcpy(aad, s->seq, 8);
    memcpy(aad + 8, record, 3);
    aad[11] = (unsigned char)(len >> 8);
    aad[12] = (unsigned char)len;
    return 13;
}

static void send_record(int fd, sender *s, unsigned char type, const unsigned char *data,
                        size_t len)
{
    unsigned char record[RECORD + 64] = {type}, nonce[16], aad[13], clear[RECORD + 1];
    size_t head = open_record(s, record, nonce, len), clear_len = len + (size_t)s->tls13;
    size_t aad_len = make_aad(s, aad, record, len);
    int n = 0, all = 0;
    memcpy(clear, data, len);
    clear[len] = type; /* TLS 1.3 hides it */
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    if (EVP_EncryptInit_ex(c, s->cipher, NULL, s->key, nonce) != 1 ||
        EVP_EncryptUpdate(c, NULL, &n, aad, (int)aad_len) != 1 ||
        EVP_EncryptUpdate(c, record + head, &all, clear, (int)clear_len) != 1 ||
        EVP_EncryptFinal_ex(c, record + head + all, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, record + head + all + n) != 1)
        wrong("OpenSSL");
    EVP_CIPHER_CTX_free(c);
    count_up(s->seq, 8);
    if (!s->tls13)
        count_up(s->iv, s->iv_len);
    *(type == DATA ? &records : &controls) += 1;
    write_out(fd, record, head + clear_len + 16);
}

/* As many as the kernel would take at once; -EAGAIN without room, unless the
 * program could not wait for that in a way that comes by here (io_uring). */
static ssize_t encrypt(int fd, sender *s, const struct iovec *parts, size_t n, unsigned char type)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    size_t done = 0;
    if (!getenv("KERNEL_BLOCKS") && poll(&p, 1, 0) != 1) {
        errno = EAGAIN;
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t at = 0; at < parts[i].iov_len;) {
            size_t len = parts[i].iov_len - at < RECORD ? parts[i].iov_len - at : RECORD;
            if (done >= AT_ONCE && !getenv("KERNEL_BLOCKS"))
                return (ssize_t)done;
            send_record(fd, s, type, (const unsigned char *)parts[i].iov_base + at, len);
            at += len;
            done += len;
        }
    return (ssize_t)done;
}

/* ---- Sending ----------------------------------------------------------------- */

static unsigned char type_of(const struct msghdr *msg)
{
    const struct cmsghdr *c = CMSG_FIRSTHDR(msg);
    if (c && c->cmsg_level == SOL_TLS && c->cmsg_type == TLS_SET_RECORD_TYPE)
        return *CMSG_DATA(c);
    return DATA;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    sender *s = of(fd);
    if (!s || !s->active)
        return real_sendmsg(fd, msg, flags);
    return encrypt(fd, s, msg->msg_iov, msg->msg_iovlen, type_of(msg));
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    sender *s = of(fd);
    struct iovec part = {(void *)(uintptr_t)data, len};
    return s && s->active ? encrypt(fd, s, &part, 1, DATA) : real_send(fd, data, len, flags);
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    sender *s = of(fd);
    return s && s->active ? encrypt(fd, s, parts, (size_t)n, DATA) : real_writev(fd, parts, n);
}

ssize_t write(int fd, const void *data, size_t len)
{
    sender *s = of(fd);
    struct iovec part = {(void *)(uintptr_t)data, len};
    return s && s->active ? encrypt(fd, s, &part, 1, DATA) : real_write(fd, data, len);
}

/* From the page cache, in the kernel's; here by way of a buffer. */
ssize_t sendfile(int fd, int file, off_t *offset, size_t count)
{
    static unsigned char bytes[AT_ONCE];
    sender *s = of(fd);
    if (!s || !s->active)
        return real_sendfile(fd, file, offset, count);
    ssize_t n = pread(file, bytes, count < sizeof bytes ? count : sizeof bytes, *offset);
    struct iovec part = {bytes, n > 0 ? (size_t)n : 0};
    n = n > 0 ? encrypt(fd, s, &part, 1, DATA) : n;
    *offset += n > 0 ? n : 0;
    files += n > 0;
    return n;
}

int close(int fd)
{
    if (of(fd))
        senders[fd] = (sender){0};
    return real_close(fd);
}
