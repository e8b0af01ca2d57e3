// The server as a whole: health, reflection, limits, ports.
#include <arpa/inet.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/service/listen_socket.h"
#include "tests/coordinator/service/test_coordinator.h"

namespace caviar::service {
namespace {

v1::GetJobRequest SomeRequest() {
  v1::GetJobRequest request;
  request.set_job("1");
  return request;
}

// A raw connection, kept open.
int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

// True if the other side has closed; waits for the first byte or the end.
bool IsClosed(int fd) {
  char byte;
  return recv(fd, &byte, 1, 0) <= 0;
}

// Calls a method by name with encoded messages, for services whose stubs are not generated here.
std::string CallEncoded(TestCoordinator& coordinator, const std::string& method,
                        const std::string& request) {
  grpc::GenericStub stub(coordinator.NewChannel());
  grpc::CompletionQueue queue;
  const auto context = Context();
  const grpc::Slice slice(request);
  const auto call =
      stub.PrepareUnaryCall(context.get(), method, grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_TRUE(queue.Next(&tag, &ok));
  EXPECT_TRUE(status.ok()) << status.error_message();
  grpc::Slice whole;
  EXPECT_TRUE(response.DumpToSingleSlice(&whole).ok());
  return std::string(reinterpret_cast<const char*>(whole.begin()), whole.size());
}

TEST(ServerTest, SaysThatItIsHealthy) {
  TestCoordinator coordinator;
  // HealthCheckResponse{status: SERVING}
  EXPECT_EQ(CallEncoded(coordinator, "/grpc.health.v1.Health/Check", ""), "\x08\x01");
}

TEST(ServerTest, DescribesItsServices) {
  TestCoordinator coordinator;
  // ServerReflectionRequest{list_services: ""}
  const std::string services =
      CallEncoded(coordinator, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                  std::string("\x3a\x00", 2));
  EXPECT_NE(services.find("caviar.v1.SearchService"), std::string::npos);
  EXPECT_NE(services.find("caviar.v1.WorkerService"), std::string::npos);
}

TEST(ServerTest, TwoCoordinatorsServeSideBySide) {
  TestCoordinator one, other;
  EXPECT_NE(one.port(), other.port());
  one.Submit(1, 1);
  v1::Job job;
  EXPECT_TRUE(one.search().GetJob(Context().get(), SomeRequest(), &job).ok());
  EXPECT_EQ(other.search().GetJob(Context().get(), SomeRequest(), &job).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(ServerTest, NeverSharesAPort) {
  TestCoordinator one;
  const auto second = ListenSocket::Open({"127.0.0.1", one.port()});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(second.status().message().find("in use"), absl::string_view::npos)
      << second.status().message();
}

TEST(ServerTest, SaysThatAHostIsUnknown) {
  EXPECT_EQ(ListenSocket::Open({"no-such-host.invalid", 0}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ServerTest, RefusesConnectionsAboveTheBoundAndServesAgainBelowIt) {
  // Descriptors of this test, and some for connections.
  const int lowest_free = dup(0);
  close(lowest_free);
  TestOptions options;
  options.descriptor_max = lowest_free + 60;
  TestCoordinator coordinator(options);
  v1::Job job;
  EXPECT_EQ(coordinator.search().GetJob(Context().get(), SomeRequest(), &job).error_code(),
            grpc::StatusCode::NOT_FOUND);

  // Each connection takes two descriptors of this process: one at each end.
  std::vector<int> connections;
  for (int i = 0; i < 200; ++i) connections.push_back(Connect(coordinator.port()));
  EXPECT_TRUE(IsClosed(connections.back()));
  // Those that were there before go on.
  EXPECT_EQ(coordinator.search().GetJob(Context().get(), SomeRequest(), &job).error_code(),
            grpc::StatusCode::NOT_FOUND);

  for (const int fd : connections) close(fd);
  // A new client may come while the server still notices the ends: it tries again, as gRPC does.
  const auto context = Context();
  context->set_wait_for_ready(true);
  const auto stub = v1::SearchService::NewStub(coordinator.NewChannel());
  EXPECT_EQ(stub->GetJob(context.get(), SomeRequest(), &job).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(ServerTest, RefusesMessagesAboveTheBound) {
  TestCoordinator coordinator;
  v1::GetJobRequest request;
  request.set_job(std::string(2 << 20, 'x'));
  v1::Job job;
  EXPECT_EQ(coordinator.search().GetJob(Context().get(), request, &job).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(ServerTest, DoesNotWaitForIdleClientsWhenItCloses) {
  TestCoordinator coordinator;
  v1::Job job;
  coordinator.search().GetJob(Context().get(), SomeRequest(), &job);
  const auto started = std::chrono::steady_clock::now();
  coordinator.server().Shutdown();
  EXPECT_LT(std::chrono::steady_clock::now() - started, Server::kShutdownGrace);
}

TEST(ServerTest, ShutdownAnswersWhatWaitsAndRefusesWhatComes) {
  TestCoordinator coordinator;
  coordinator.Submit(1, 1);
  coordinator.server().Shutdown();
  v1::Job job;
  EXPECT_EQ(coordinator.search().GetJob(Context().get(), SomeRequest(), &job).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace caviar::service
