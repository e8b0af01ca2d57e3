#include "coordinator/service/importance_call.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/completed_trials.h"
#include "coordinator/engine/importance_answer.h"
#include "coordinator/service/unary_call.h"

namespace caviar::service {
namespace {

// About a millisecond on the driver's thread with ten parameters.
constexpr size_t kTrialsAPart = 1000;

// One call under way. One step of it runs at a time, each started by the one before.
class ImportanceCall : public std::enable_shared_from_this<ImportanceCall> {
 public:
  using Call = UnaryCall<v1::Importance>;

  ImportanceCall(const ServiceParts& parts, const v1::GetImportanceRequest& request,
                 std::shared_ptr<Call> call)
      : parts_(parts), request_(request), call_(std::move(call)) {}

  // Reads the first part, or the next one.
  void AskForPart() {
    const absl::Status asked =
        parts_.driver.Read([self = shared_from_this()](
                               const driver::Driver::View& view) { self->OnDriver(view.state); },
                           request_.ByteSizeLong());
    if (!asked.ok()) call_->Answer(asked);
  }

 private:
  void OnDriver(const engine::EngineState& state) {
    if (call_->is_answered()) return;  // cancelled
    const absl::StatusOr<bool> has_more = ReadPart(state);
    if (!has_more.ok()) {
      parts_.delivery.Run(
          [self = shared_from_this(), status = has_more.status()] { self->call_->Answer(status); });
    } else if (*has_more) {
      // Not from here: what else waits for the driver comes first.
      parts_.delivery.Run([self = shared_from_this()] { self->AskForPart(); });
    } else {
      parts_.analysis.Run([self = shared_from_this()] {
        if (self->call_->is_answered()) return;
        self->call_->Answer(engine::ImportanceAnswer(*self->trials_, self->request_.method()));
      });
    }
  }

  absl::StatusOr<bool> ReadPart(const engine::EngineState& state) {
    if (!trials_.has_value()) {
      CAVIAR_ASSIGN_OR_RETURN(engine::CompletedTrials trials,
                              engine::CompletedTrials::Start(state, request_.job()));
      trials_.emplace(std::move(trials));
    }
    return trials_->ReadMore(state, kTrialsAPart);
  }

  const ServiceParts parts_;
  const v1::GetImportanceRequest request_;
  const std::shared_ptr<Call> call_;
  std::optional<engine::CompletedTrials> trials_;
};

}  // namespace

grpc::ServerUnaryReactor* StartImportanceCall(const ServiceParts& parts,
                                              const v1::GetImportanceRequest& request,
                                              v1::Importance* response) {
  const auto call = UnaryCall<v1::Importance>::Start(parts.calls, response);
  std::make_shared<ImportanceCall>(parts, request, call)->AskForPart();
  return call.get();
}

}  // namespace caviar::service
