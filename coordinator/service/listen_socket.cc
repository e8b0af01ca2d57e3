#include "coordinator/service/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/check.h"

namespace caviar::service {
namespace {

// Workers of a whole cluster may come back at once after a restart.
constexpr int kBacklog = 4096;
// What was sent and not acknowledged for this long ends a connection: keepalive does not bound it.
constexpr unsigned kUserTimeoutMilliseconds = 30'000;
// Without descriptors accept() fails at once while the connection stays readable: look again later.
constexpr int kExhaustedWaitMilliseconds = 100;

absl::StatusOr<int> Bind(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::ErrnoToStatus(errno, "socket");
  const int on = 1;
  // A restarted coordinator gets its port back at once; a running one keeps it to itself.
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, address.ai_addr, address.ai_addrlen) == 0 && listen(fd, kBacklog) == 0) return fd;
  const int error = errno;
  close(fd);
  return absl::ErrnoToStatus(error, "bind");
}

int PortOf(int fd) {
  sockaddr_storage storage = {};
  socklen_t length = sizeof(storage);
  CAVIAR_CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) == 0);
  if (storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

void Prepare(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMilliseconds,
             sizeof(kUserTimeoutMilliseconds));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ListenSocket>> ListenSocket::Open(const HostPort& address) {
  const std::string name = FormatHostPort(address);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int looked_up =
      getaddrinfo(address.host.c_str(), absl::StrCat(address.port).c_str(), &hints, &found);
  if (looked_up != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on ", name, ": ", gai_strerror(looked_up)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  absl::StatusOr<int> listening = absl::UnavailableError("no address");
  for (const addrinfo* one = found; one != nullptr && !listening.ok(); one = one->ai_next) {
    listening = Bind(*one);
  }
  if (!listening.ok()) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", name, ": ",
                                               listening.status().message(),
                                               "; choose another port, or 0 for any free one"));
  }
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CAVIAR_CHECK(wake >= 0) << strerror(errno);
  return std::unique_ptr<ListenSocket>(new ListenSocket(*listening, wake, PortOf(*listening)));
}

ListenSocket::~ListenSocket() {
  Stop();
  close(wake_fd_);
}

void ListenSocket::Start(int descriptor_max, std::function<void(int fd)> take) {
  thread_ =
      std::thread([this, descriptor_max, take = std::move(take)] { Loop(descriptor_max, take); });
}

void ListenSocket::Stop() {
  if (listen_fd_ < 0) return;
  const uint64_t one = 1;
  CAVIAR_CHECK(write(wake_fd_, &one, sizeof(one)) == sizeof(one));
  if (thread_.joinable()) thread_.join();
  close(std::exchange(listen_fd_, -1));
}

bool ListenSocket::Wait(int timeout_milliseconds, bool for_connections) {
  pollfd fds[] = {{wake_fd_, POLLIN, 0}, {listen_fd_, POLLIN, 0}};
  poll(fds, for_connections ? 2 : 1, timeout_milliseconds);
  return fds[0].revents == 0;
}

void ListenSocket::Loop(int descriptor_max, const std::function<void(int fd)>& take) {
  bool is_refusing = false;
  while (Wait(/*timeout_milliseconds=*/-1, /*for_connections=*/true)) {
    const int fd = accept4(listen_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const bool is_exhausted =
        fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
    const bool refuse = is_exhausted || fd >= descriptor_max;
    if (refuse && !is_refusing) {
      LogWarning(absl::StrCat("refusing connections: ", descriptor_max,
                              " files and connections are open; raise the limit (ulimit -n)"));
    }
    if (refuse || fd >= 0) is_refusing = refuse;
    if (is_exhausted && !Wait(kExhaustedWaitMilliseconds, /*for_connections=*/false)) return;
    if (fd < 0) continue;  // it was gone before it was accepted, or the exhaustion above
    if (refuse) {
      close(fd);
      continue;
    }
    Prepare(fd);
    take(fd);
  }
}

}  // namespace caviar::service
