// CreateDataset over a real gRPC connection.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/server_options.h"
#include "tests/coordinator/service/test_coordinator.h"

namespace caviar::service {
namespace {

using Request = v1::CreateDatasetRequest;

Request Start(const std::string& name) {
  Request request;
  request.mutable_start()->set_name(name);
  request.mutable_start()->mutable_settings()->set_target("y");
  return request;
}

Request Chunk(const std::string& data) {
  Request request;
  request.mutable_chunk()->set_role(Request::DATA);
  request.mutable_chunk()->set_data(data);
  return request;
}

Request End() {
  Request request;
  request.mutable_end();
  return request;
}

std::string Csv() {
  std::string csv = "x,y\n";
  for (int i = 0; i < 40; ++i) absl::StrAppend(&csv, i % 7, ",", i % 2 == 0 ? "a" : "b", "\n");
  return csv;
}

// Sends these messages and closes its side.
grpc::Status Upload(TestCoordinator& coordinator, const std::vector<Request>& messages,
                    v1::Dataset* dataset) {
  const auto context = Context();
  const auto stream = coordinator.search().CreateDataset(context.get(), dataset);
  for (const Request& message : messages) {
    if (!stream->Write(message)) break;
  }
  stream->WritesDone();
  return stream->Finish();
}

v1::ListDatasetsResponse List(TestCoordinator& coordinator, int page_size = 0,
                              const std::string& token = "") {
  v1::ListDatasetsRequest request;
  request.set_page_size(page_size);
  request.set_page_token(token);
  v1::ListDatasetsResponse datasets;
  EXPECT_TRUE(coordinator.search().ListDatasets(Context().get(), request, &datasets).ok());
  return datasets;
}

TEST(DatasetUploadTest, PutsACompleteUploadOnRecord) {
  TestCoordinator coordinator;
  v1::Dataset dataset;
  const grpc::Status status = Upload(coordinator, {Start("a"), Chunk(Csv()), End()}, &dataset);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(dataset.name(), "a");
  EXPECT_TRUE(coordinator.artifacts().Size(dataset.digest()).ok());
  EXPECT_EQ(List(coordinator).datasets(0).digest(), dataset.digest());
}

// Half a file may well be a good file. A link that broke looks like the end of the stream.
TEST(DatasetUploadTest, ImportsNothingOfAnUploadThatWasCutOff) {
  TestCoordinator coordinator;
  v1::Dataset dataset;
  const grpc::Status status = Upload(coordinator, {Start("a"), Chunk(Csv())}, &dataset);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("cut off"), std::string::npos);
  EXPECT_EQ(List(coordinator).datasets_size(), 0);
}

TEST(DatasetUploadTest, RefusesChunksThatAreTooLargeOrComeFirst) {
  TestCoordinator coordinator;
  v1::Dataset dataset;
  const std::string large(kChunkBytesMax + 1, 'x');
  EXPECT_EQ(Upload(coordinator, {Start("a"), Chunk(large), End()}, &dataset).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Upload(coordinator, {Chunk("x"), End()}, &dataset).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Upload(coordinator, {End()}, &dataset).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

// Uploads are few at a time: one that stands still must not keep others out.
TEST(DatasetUploadTest, EndsAnUploadThatStandsStill) {
  TestOptions options;
  options.patience.upload_idle = absl::Milliseconds(1);
  TestCoordinator coordinator(options);
  v1::Dataset dataset;
  const auto context = Context();
  const auto stream = coordinator.search().CreateDataset(context.get(), &dataset);
  stream->Write(Start("a"));
  const grpc::Status end = stream->Finish();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(end.error_message(), "nothing of the upload has come for 1ms; start again");
}

TEST(DatasetUploadTest, ListsInPagesAndLeavesOutWhatMayBeLarge) {
  TestCoordinator coordinator;
  for (const char* name : {"c", "a", "b"}) {
    v1::Dataset dataset;
    ASSERT_TRUE(Upload(coordinator, {Start(name), Chunk(Csv()), End()}, &dataset).ok());
    EXPECT_GT(dataset.preprocessing().columns_size(), 0);
    EXPECT_GT(dataset.decisions_size(), 0);
  }
  const v1::ListDatasetsResponse first = List(coordinator, 2);
  ASSERT_EQ(first.datasets_size(), 2);
  EXPECT_EQ(first.datasets(0).name(), "a");
  EXPECT_EQ(first.datasets(0).preprocessing().columns_size(), 0);
  EXPECT_EQ(first.datasets(0).decisions_size(), 0);
  EXPECT_EQ(first.datasets(0).preprocessing().classes_size(), 2);
  EXPECT_GT(first.datasets(0).train().rows(), 0u);
  const v1::ListDatasetsResponse last = List(coordinator, 2, first.next_page_token());
  ASSERT_EQ(last.datasets_size(), 1);
  EXPECT_EQ(last.datasets(0).name(), "c");
  EXPECT_EQ(last.next_page_token(), "");
}

}  // namespace
}  // namespace caviar::service
