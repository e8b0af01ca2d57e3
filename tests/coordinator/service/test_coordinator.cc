#include "tests/coordinator/service/test_coordinator.h"

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/rpc/channel.h"
#include "common/status/check.h"

namespace caviar::service {
namespace {

v1::Dataset SmallDataset() {
  v1::Dataset dataset;
  dataset.set_name("letters");
  dataset.set_digest(Sha256Hex("letters"));
  dataset.mutable_preprocessing()->set_features(16);
  for (const char* letter : {"A", "B", "C"}) {
    dataset.mutable_preprocessing()->add_classes(letter);
  }
  for (v1::DatasetPart* part :
       {dataset.mutable_train(), dataset.mutable_validation(), dataset.mutable_test()}) {
    part->set_rows(3000);
    for (int i = 0; i < 3; ++i) part->add_class_rows(1000);
  }
  return dataset;
}

}  // namespace

std::unique_ptr<grpc::ClientContext> Context() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + kPatience);
  return context;
}

TestCoordinator::TestCoordinator(const TestOptions& options)
    : artifacts_(*store::ArtifactStore::Open(directory_.path() + "/artifacts")),
      janitor_(std::make_unique<ArtifactJanitor>(*artifacts_, clock_)),
      router_(delivery_, thinking_, *janitor_),
      importer_(*datasets::DatasetImporter::Start(
          {.spool_directory = directory_.path() + "/uploads"}, *artifacts_)) {
  driver::DriverOptions driver_options = options.driver;
  driver_options.on_fatal = [](const absl::Status& reason) { CAVIAR_CHECK_OK(reason); };
  driver_ = std::make_unique<driver::Driver>(engine::Engine(options.engine), store_, clock_,
                                             router_, driver_options);
  router_.Connect(*driver_);
  driver_->Start();
  janitor_->Start(*driver_);
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start({.listen = {"127.0.0.1", 0}, .descriptor_max = options.descriptor_max},
                    ServiceParts{.driver = *driver_,
                                 .router = router_,
                                 .calls = calls_,
                                 .delivery = delivery_,
                                 .io = io_,
                                 .analysis = analysis_,
                                 .artifacts = *artifacts_,
                                 .janitor = *janitor_,
                                 .importer = *importer_,
                                 .patience = options.patience});
  CAVIAR_CHECK_OK(server.status());
  server_ = *std::move(server);
  search_ = v1::SearchService::NewStub(NewChannel());
  worker_ = v1::WorkerService::NewStub(NewChannel());
}

TestCoordinator::~TestCoordinator() {
  server_->Shutdown();
  importer_->Stop();
  janitor_->Stop();
  router_.StopThinking();
  driver_->Stop();
  delivery_.Stop();
  io_.Stop();
  analysis_.Stop();
  thinking_.Stop();
}

std::string TestCoordinator::address() const { return absl::StrCat("127.0.0.1:", port()); }

std::shared_ptr<grpc::Channel> TestCoordinator::NewChannel() const {
  return CreateClientChannel(address());
}

std::string TestCoordinator::AddDataset() {
  auto promise = std::make_shared<std::promise<absl::Status>>();
  auto added = promise->get_future();
  const engine::RequestId request =
      router_.replies().Expect([promise](Answer answer) { promise->set_value(answer.status()); });
  CAVIAR_CHECK_OK(driver_->Post(engine::DatasetImported{request, SmallDataset(), true}));
  CAVIAR_CHECK_OK(added.get());
  return SmallDataset().name();
}

v1::Job TestCoordinator::Submit(int trials, int epochs) {
  v1::SubmitJobRequest request;
  request.mutable_spec()->set_dataset(AddDataset());
  request.mutable_spec()->mutable_budget()->set_trials(trials);
  request.mutable_spec()->mutable_budget()->set_epochs(epochs);
  request.mutable_spec()->mutable_sampler()->mutable_random();
  v1::Job job;
  const grpc::Status status = search_->SubmitJob(Context().get(), request, &job);
  CAVIAR_CHECK(status.ok()) << status.error_message();
  return job;
}

v1::Job TestCoordinator::GetJob(const v1::Job& job) {
  v1::GetJobRequest request;
  request.set_job(absl::StrCat(job.id()));
  v1::Job answer;
  const grpc::Status status = search_->GetJob(Context().get(), request, &answer);
  CAVIAR_CHECK(status.ok()) << status.error_message();
  return answer;
}

}  // namespace caviar::service
