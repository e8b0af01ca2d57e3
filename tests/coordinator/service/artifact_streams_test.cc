// Artifacts and models, which are streamed in chunks: as workers store and fetch them, and as users
// download the best one.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "tests/coordinator/service/fake_worker.h"
#include "tests/coordinator/service/test_coordinator.h"

namespace caviar::service {
namespace {

using Message = v1::CoordinatorMessage;

// Stores `bytes` as a worker does, and returns the call's status.
grpc::Status Put(TestCoordinator& coordinator, const std::string& digest, const std::string& bytes,
                 size_t chunk_bytes) {
  const auto context = Context();
  v1::PutArtifactResponse response;
  const auto stream = coordinator.worker().PutArtifact(context.get(), &response);
  for (size_t at = 0; at == 0 || at < bytes.size(); at += chunk_bytes) {
    v1::PutArtifactRequest chunk;
    if (at == 0) chunk.set_digest(digest);
    chunk.set_data(bytes.substr(at, chunk_bytes));
    if (!stream->Write(chunk)) break;
  }
  stream->WritesDone();
  return stream->Finish();
}

std::string SomeBytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 131 + i / 251);
  return bytes;
}

TEST(ArtifactTest, ComesBackAsItWasStoredAlsoFromAnOffset) {
  TestCoordinator coordinator;
  const std::string bytes = SomeBytes(700'000);
  const std::string digest = Sha256Hex(bytes);
  ASSERT_TRUE(Put(coordinator, digest, bytes, 100'000).ok());
  ASSERT_TRUE(Put(coordinator, digest, bytes, 100'000).ok()) << "storing it again is fine";

  for (const uint64_t offset : {uint64_t{0}, uint64_t{300'001}, uint64_t{700'000}}) {
    v1::GetArtifactRequest request;
    request.set_digest(digest);
    request.set_offset(offset);
    const auto context = Context();
    const auto stream = coordinator.worker().GetArtifact(context.get(), request);
    std::string received;
    v1::ArtifactChunk chunk;
    bool is_first = true;
    while (stream->Read(&chunk)) {
      EXPECT_EQ(chunk.total_bytes(), is_first ? bytes.size() : 0u);
      EXPECT_LE(chunk.data().size(), 256u << 10);
      received += chunk.data();
      is_first = false;
    }
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_FALSE(is_first);
    EXPECT_EQ(received, bytes.substr(offset)) << offset;
  }
}

TEST(ArtifactTest, RefusesBytesThatAreNotWhatTheyAreCalled) {
  TestCoordinator coordinator;
  const std::string digest = Sha256Hex("something else");
  EXPECT_EQ(Put(coordinator, digest, SomeBytes(1000), 100).error_code(),
            grpc::StatusCode::DATA_LOSS);
  EXPECT_FALSE(coordinator.artifacts().Size(digest).ok());
  EXPECT_EQ(Put(coordinator, "../../etc/passwd", SomeBytes(1000), 100).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(ArtifactTest, SaysThatItIsNotThere) {
  TestCoordinator coordinator;
  v1::GetArtifactRequest request;
  request.set_digest(Sha256Hex("nothing"));
  const auto context = Context();
  const auto stream = coordinator.worker().GetArtifact(context.get(), request);
  v1::ArtifactChunk chunk;
  EXPECT_FALSE(stream->Read(&chunk));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(SearchServiceTest, StreamsTheBestModel) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 1);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  const v1::Assign assign = worker.ReceiveKind(Message::kAssign).assign();

  v1::GetModelRequest request;
  request.set_job(absl::StrCat(job.id()));
  v1::ModelChunk chunk;
  {
    const auto context = Context();
    const auto stream = coordinator.search().GetModel(context.get(), request);
    EXPECT_FALSE(stream->Read(&chunk));
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  }

  const std::string model = SomeBytes(600'000);
  const std::string digest = Sha256Hex(model);
  ASSERT_TRUE(Put(coordinator, digest, model, 256 << 10).ok());
  worker.SendMeasurements(assign.id(), 1, 1);
  worker.SendFinished(assign.id(), 1, digest);
  worker.ReceiveKind(Message::kFinishAck);

  const auto context = Context();
  const auto stream = coordinator.search().GetModel(context.get(), request);
  std::string received;
  ASSERT_TRUE(stream->Read(&chunk));
  EXPECT_EQ(chunk.trial(), 1u);
  EXPECT_EQ(chunk.digest(), digest);
  EXPECT_EQ(chunk.total_bytes(), 600'000.0);
  do received += chunk.data();
  while (stream->Read(&chunk));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(received, model);
}

}  // namespace
}  // namespace caviar::service
