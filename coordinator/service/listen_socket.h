// A listening TCP socket and the thread that accepts on it.
//
// gRPC 1.51's own accept loop ends for ever once the process runs out of descriptors
// (CVE-2023-4785). This one refuses connections before that: accept() returns the lowest free
// descriptor, so one at or above the bound means that the process holds that many open files.
//
// Threads:   Start and Stop by one owner; `take` runs on the accepting thread.
// Errors:    kInvalidArgument for a host that does not resolve; kUnavailable when the address is in
//            use or not this machine's.
#ifndef CAVIAR_COORDINATOR_SERVICE_LISTEN_SOCKET_H_
#define CAVIAR_COORDINATOR_SERVICE_LISTEN_SOCKET_H_

#include <functional>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "common/rpc/address.h"

namespace caviar::service {

class ListenSocket {
 public:
  // Bound and listening; connections wait until Start.
  static absl::StatusOr<std::unique_ptr<ListenSocket>> Open(const HostPort& address);
  // Stops.
  ~ListenSocket();

  // The port that others connect to (the one chosen, where 0 was asked for).
  int port() const { return port_; }

  // Hands connected, non-blocking sockets to `take`, which owns them. Those at or above
  // `descriptor_max` are closed at once.
  void Start(int descriptor_max, std::function<void(int fd)> take);
  // No connection is accepted after this.
  void Stop();

 private:
  ListenSocket(int listen_fd, int wake_fd, int port)
      : listen_fd_(listen_fd), wake_fd_(wake_fd), port_(port) {}
  void Loop(int descriptor_max, const std::function<void(int fd)>& take);
  // Waits for a connection or Stop; false after Stop.
  bool Wait(int timeout_milliseconds, bool for_connections);

  int listen_fd_;
  int wake_fd_;
  int port_;
  std::thread thread_;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_LISTEN_SOCKET_H_
