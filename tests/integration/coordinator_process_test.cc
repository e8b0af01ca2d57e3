// caviar-coordinator as a process: what it prints, how it ends, what it keeps.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "caviar/v1/search_service.grpc.pb.h"
#include "caviar/v1/worker_service.grpc.pb.h"
#include "common/rpc/channel.h"
#include "tests/coordinator/service/temporary_directory.h"
#include "tests/integration/child_process.h"

namespace caviar {
namespace {

constexpr char kProgram[] = CAVIAR_BINARY_DIR "/caviar-coordinator";
// Nothing on loopback takes this long.
constexpr std::chrono::seconds kPatience{60};

std::unique_ptr<grpc::ClientContext> Context() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + kPatience);
  return context;
}

std::vector<std::string> Arguments(const std::string& directory,
                                   const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {kProgram, "--listen", "127.0.0.1:0", "--dir", directory};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// A coordinator that is ready.
class Running {
 public:
  explicit Running(const std::string& directory, const std::vector<std::string>& more = {})
      : process_(Arguments(directory, more)) {
    const std::string line = process_.ReadLine();
    EXPECT_TRUE(absl::StartsWith(line, "listening on 127.0.0.1:")) << line << process_.Errors();
    address_ = std::string(absl::StripPrefix(line, "listening on "));
    search_ = v1::SearchService::NewStub(CreateClientChannel(address_));
  }

  ChildProcess& process() { return process_; }
  const std::string& address() const { return address_; }
  v1::SearchService::Stub& search() { return *search_; }

 private:
  ChildProcess process_;
  std::string address_;
  std::unique_ptr<v1::SearchService::Stub> search_;
};

// A CSV of two classes that a threshold on the first column tells apart.
std::string SmallCsv() {
  std::string csv = "height,width,kind\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&csv, i, ",", (i * 37) % 101, ",", i < 100 ? "low" : "high", "\n");
  }
  return csv;
}

grpc::Status Upload(v1::SearchService::Stub& search, const std::string& name,
                    const std::string& target, const std::string& csv, v1::Dataset* dataset,
                    bool reuse_identical = false) {
  const auto context = Context();
  const auto stream = search.CreateDataset(context.get(), dataset);
  v1::CreateDatasetRequest message;
  message.mutable_start()->set_name(name);
  message.mutable_start()->mutable_settings()->set_target(target);
  message.mutable_start()->set_reuse_identical(reuse_identical);
  stream->Write(message);
  constexpr size_t kChunk = 1000;
  for (size_t at = 0; at < csv.size(); at += kChunk) {
    message.mutable_chunk()->set_role(v1::CreateDatasetRequest::DATA);
    message.mutable_chunk()->set_file_name(at == 0 ? "small.csv" : "");
    message.mutable_chunk()->set_data(csv.substr(at, kChunk));
    if (!stream->Write(message)) break;
  }
  message.mutable_end();
  stream->WriteLast(message, grpc::WriteOptions());
  return stream->Finish();
}

TEST(CoordinatorProcessTest, PrintsOneLineAndEndsCleanlyOnSigterm) {
  const TemporaryDirectory directory;
  Running coordinator(directory.path() + "/made/for/it");
  v1::ListJobsResponse jobs;
  EXPECT_TRUE(coordinator.search().ListJobs(Context().get(), {}, &jobs).ok());
  coordinator.process().Signal(SIGTERM);
  EXPECT_EQ(coordinator.process().Wait(), 0);
  EXPECT_EQ(coordinator.process().RestOfOutput(), "");
}

TEST(CoordinatorProcessTest, SendsItsWorkersAwayAndEndsOnSigint) {
  const TemporaryDirectory directory;
  Running coordinator(directory.path());
  const auto stub = v1::WorkerService::NewStub(CreateClientChannel(coordinator.address()));
  const auto context = Context();
  const auto session = stub->Session(context.get());
  v1::WorkerMessage hello;
  hello.mutable_register_()->set_protocol_min(1);
  hello.mutable_register_()->set_protocol_max(1);
  hello.mutable_register_()->set_worker_id("w");
  hello.mutable_register_()->set_slots(1);
  session->Write(hello);
  v1::CoordinatorMessage message;
  ASSERT_TRUE(session->Read(&message));
  ASSERT_TRUE(message.has_registered());

  coordinator.process().Signal(SIGINT);
  ASSERT_TRUE(session->Read(&message));
  EXPECT_TRUE(message.has_go_away());
  session->WritesDone();
  EXPECT_FALSE(session->Read(&message));
  EXPECT_TRUE(session->Finish().ok());
  EXPECT_EQ(coordinator.process().Wait(), 0);
}

TEST(CoordinatorProcessTest, SharesADirectoryWithNobody) {
  const TemporaryDirectory directory;
  Running first(directory.path());
  ChildProcess second(Arguments(directory.path()));
  EXPECT_EQ(second.ReadLine(), "");
  EXPECT_EQ(second.Wait(), 2);
  const std::string complaint = second.Errors();
  EXPECT_NE(complaint.find("is in use by process"), std::string::npos) << complaint;
  EXPECT_EQ(std::count(complaint.begin(), complaint.end(), '\n'), 1) << complaint;
}

TEST(CoordinatorProcessTest, TwoServeOneMachine) {
  const TemporaryDirectory one_directory, other_directory;
  Running one(one_directory.path()), other(other_directory.path());
  EXPECT_NE(one.address(), other.address());
  v1::Dataset dataset;
  ASSERT_TRUE(Upload(one.search(), "small", "kind", SmallCsv(), &dataset).ok());
  v1::ListDatasetsResponse datasets;
  ASSERT_TRUE(other.search().ListDatasets(Context().get(), {}, &datasets).ok());
  EXPECT_EQ(datasets.datasets_size(), 0);
}

TEST(CoordinatorProcessTest, RefusesToBeReachedByOthersUnlessToldTo) {
  const TemporaryDirectory directory;
  ChildProcess refused({kProgram, "--listen", "0.0.0.0:0", "--dir", directory.path()});
  EXPECT_EQ(refused.ReadLine(), "");
  EXPECT_EQ(refused.Wait(), 2);
  EXPECT_NE(refused.Errors().find("--insecure-any-address"), std::string::npos);

  ChildProcess told(
      {kProgram, "--listen", "0.0.0.0:0", "--dir", directory.path(), "--insecure-any-address"});
  EXPECT_TRUE(absl::StartsWith(told.ReadLine(), "listening on 0.0.0.0:")) << told.Errors();
  told.Signal(SIGTERM);
  EXPECT_EQ(told.Wait(), 0);
  EXPECT_NE(told.Errors().find("without password"), std::string::npos);
}

TEST(CoordinatorProcessTest, SaysWhichOptionWasMeant) {
  ChildProcess process({kProgram, "--lisen", "127.0.0.1:0"});
  EXPECT_EQ(process.Wait(), 2);
  EXPECT_EQ(process.Errors(),
            "caviar-coordinator: there is no option --lisen; did you mean --listen? (see "
            "caviar-coordinator --help)\n");
}

TEST(CoordinatorProcessTest, ComplainsInOneLineAboutItsCommandLine) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--no-such-flag"},
                                             {"--lease", "soon"},
                                             {"--lease", "1s", "--heartbeat-interval", "5s"},
                                             {"--log-level", "loud"},
                                             {"--listen", "nowhere"}}) {
    std::vector<std::string> arguments = {kProgram};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    ChildProcess process(arguments);
    EXPECT_EQ(process.Wait(), 2) << wrong[0];
    const std::string complaint = process.Errors();
    EXPECT_EQ(std::count(complaint.begin(), complaint.end(), '\n'), 1) << complaint;
  }
}

TEST(CoordinatorProcessTest, SaysThatThePortIsTaken) {
  const TemporaryDirectory one_directory, other_directory;
  Running one(one_directory.path());
  ChildProcess other(
      {kProgram, "--listen", one.address(), "--dir", other_directory.path(), "--log-level", "off"});
  EXPECT_EQ(other.Wait(), 1);
  EXPECT_NE(other.Errors().find(one.address()), std::string::npos) << other.Errors();
}

TEST(CoordinatorProcessTest, HelpsWithAnExampleAndTellsItsVersion) {
  ChildProcess help({kProgram, "--help"});
  EXPECT_EQ(help.Wait(), 0);
  EXPECT_NE(help.RestOfOutput().find("Example"), std::string::npos);
  ChildProcess version({kProgram, "--version"});
  EXPECT_EQ(version.Wait(), 0);
  EXPECT_TRUE(absl::StartsWith(version.RestOfOutput(), "caviar-coordinator "));
}

TEST(CoordinatorProcessTest, KeepsWhatItConfirmedThroughAKill) {
  const TemporaryDirectory directory;
  uint32_t job_id = 0;
  {
    Running coordinator(directory.path());
    v1::Dataset dataset;
    const grpc::Status uploaded =
        Upload(coordinator.search(), "small", "kind", SmallCsv(), &dataset);
    ASSERT_TRUE(uploaded.ok()) << uploaded.error_message();
    v1::SubmitJobRequest request;
    request.mutable_spec()->set_dataset("small");
    request.set_request_id("once");
    v1::Job job;
    ASSERT_TRUE(coordinator.search().SubmitJob(Context().get(), request, &job).ok());
    job_id = job.id();
    coordinator.process().Signal(SIGKILL);
    EXPECT_EQ(coordinator.process().Wait(), 128 + SIGKILL);
  }
  Running coordinator(directory.path());
  v1::SubmitJobRequest request;
  request.mutable_spec()->set_dataset("small");
  request.set_request_id("once");
  v1::Job job;
  ASSERT_TRUE(coordinator.search().SubmitJob(Context().get(), request, &job).ok());
  EXPECT_EQ(job.id(), job_id) << "the same request is the same job";
}

TEST(CoordinatorProcessTest, ImportsAnUploadedCsv) {
  const TemporaryDirectory directory;
  Running coordinator(directory.path());
  v1::Dataset dataset;
  const grpc::Status uploaded = Upload(coordinator.search(), "small", "kind", SmallCsv(), &dataset);
  ASSERT_TRUE(uploaded.ok()) << uploaded.error_message();
  EXPECT_EQ(dataset.name(), "small");
  EXPECT_EQ(dataset.preprocessing().features(), 2u);
  EXPECT_EQ(dataset.preprocessing().classes_size(), 2);
  EXPECT_EQ(dataset.train().rows() + dataset.validation().rows() + dataset.test().rows(), 200u);

  // Its bytes are there for workers.
  const auto stub = v1::WorkerService::NewStub(CreateClientChannel(coordinator.address()));
  v1::GetArtifactRequest get;
  get.set_digest(dataset.digest());
  const auto context = Context();
  const auto stream = stub->GetArtifact(context.get(), get);
  v1::ArtifactChunk chunk;
  EXPECT_TRUE(stream->Read(&chunk));
  while (stream->Read(&chunk)) {
  }
  EXPECT_TRUE(stream->Finish().ok());

  EXPECT_EQ(Upload(coordinator.search(), "small", "kind", SmallCsv(), &dataset).error_code(),
            grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_TRUE(Upload(coordinator.search(), "small", "kind", SmallCsv(), &dataset,
                     /*reuse_identical=*/true)
                  .ok());
}

TEST(CoordinatorProcessTest, SaysWhatIsWrongWithAnUpload) {
  const TemporaryDirectory directory;
  Running coordinator(directory.path());
  v1::Dataset dataset;
  const grpc::Status status = Upload(coordinator.search(), "small", "colour", SmallCsv(), &dataset);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("colour"), std::string::npos) << status.error_message();
  v1::ListDatasetsResponse datasets;
  ASSERT_TRUE(coordinator.search().ListDatasets(Context().get(), {}, &datasets).ok());
  EXPECT_EQ(datasets.datasets_size(), 0);
}

}  // namespace
}  // namespace caviar
