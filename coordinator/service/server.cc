#include "coordinator/service/server.h"

#include <google/protobuf/util/time_util.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/time/time.h"
#include "common/rpc/server_options.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/service/listen_socket.h"
#include "coordinator/service/random_number.h"
#include "coordinator/service/search_service.h"
#include "coordinator/service/worker_service.h"

namespace caviar::service {
namespace {

// For the store, uploads and gRPC's own polling: files that are opened while clients are many.
constexpr int kDescriptorsReserved = 128;
// Above the 10,000 worker sessions that one coordinator is built for.
constexpr int kDescriptorsMax = 12'000;
// Workers come back this long after a GoAway: long enough for a restart, spread over seconds.
constexpr absl::Duration kReconnectMin = absl::Seconds(1);
constexpr absl::Duration kReconnectMax = absl::Seconds(5);

// For the last bytes of answers that have been given; connections that are idle end with it.
constexpr std::chrono::milliseconds kFlushGrace{100};

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
using FromFd = grpc::ServerBuilder::experimental_type::ExternalConnectionType;

int DescriptorMaxOfProcess() {
  rlimit limit = {};
  CAVIAR_CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlim_t soft = std::min<rlim_t>(limit.rlim_cur, kDescriptorsMax + kDescriptorsReserved);
  const int all = static_cast<int>(soft);
  return std::max(all - kDescriptorsReserved, all / 2);
}

v1::CoordinatorMessage GoAway() {
  const absl::Duration after =
      kReconnectMin + (kReconnectMax - kReconnectMin) * (RandomNumber() / 4294967296.0);
  v1::CoordinatorMessage message;
  *message.mutable_go_away()->mutable_reconnect_after() =
      google::protobuf::util::TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(after));
  return message;
}

}  // namespace

struct Server::Impl {
  explicit Impl(const ServiceParts& borrowed) : parts(borrowed) {}

  const ServiceParts parts;
  std::unique_ptr<ListenSocket> socket;
  std::unique_ptr<grpc::Service> search;
  std::unique_ptr<grpc::Service> worker;
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<grpc::Server> server;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const ServiceParts& parts) {
  auto impl = std::make_unique<Impl>(parts);
  CAVIAR_ASSIGN_OR_RETURN(impl->socket, ListenSocket::Open(options.listen));
  impl->search = MakeSearchService(parts);
  impl->worker = MakeWorkerService(parts);

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  ApplyServerOptions(builder);
  builder.RegisterService(impl->search.get());
  builder.RegisterService(impl->worker.get());
  impl->acceptor = builder.experimental().AddExternalConnectionAcceptor(
      FromFd::FROM_FD, grpc::InsecureServerCredentials());
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr) return absl::InternalError("gRPC's server did not start");

  const int descriptor_max =
      options.descriptor_max > 0 ? options.descriptor_max : DescriptorMaxOfProcess();
  impl->socket->Start(descriptor_max, [acceptor = impl->acceptor.get()](int fd) {
    Acceptor::NewConnectionParameters connection;
    connection.fd = fd;
    acceptor->HandleNewConnection(&connection);
  });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { Shutdown(); }

int Server::port() const { return impl_->socket->port(); }

void Server::Shutdown() {
  if (impl_->server == nullptr) return;
  impl_->server->GetHealthCheckService()->SetServingStatus(false);
  impl_->socket->Stop();
  for (const auto& stream : impl_->parts.router.sessions().All()) stream->Tell(GoAway());
  impl_->parts.router.watches().CloseAll(
      absl::UnavailableError("the coordinator is closing; watch again from the last cursor"));
  impl_->parts.calls.AwaitNone(kShutdownGrace);
  impl_->server->Shutdown(std::chrono::system_clock::now() + kFlushGrace);
  impl_->server->Wait();
  impl_->server.reset();
}

}  // namespace caviar::service
