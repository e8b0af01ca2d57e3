// An answer that takes long to compute: copies what it needs a part at a time on the driver's
// thread, then computes on the `analysis` pool, so that neither the engine nor any artifact waits
// for it.
//
// Copy is CompletedTrials or JobCopy (coordinator/engine): Start(state, job), then ReadMore(state,
// count) until that is false.
//
// Threads:   as gRPC's callback API asks; the answer comes from any thread.
// Ownership: the call holds itself until it is answered; borrows the parts.
#ifndef CAVIAR_COORDINATOR_SERVICE_ANALYSIS_CALL_H_
#define CAVIAR_COORDINATOR_SERVICE_ANALYSIS_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/status_macros.h"
#include "coordinator/service/service_parts.h"
#include "coordinator/service/unary_call.h"

namespace caviar::service {

template <typename Response, typename Copy>
class AnalysisCall : public std::enable_shared_from_this<AnalysisCall<Response, Copy>> {
 public:
  // The second one says whether nobody waits for the answer any more.
  using Compute =
      std::function<absl::StatusOr<Response>(const Copy&, const std::function<bool()>&)>;

  // Reads `trials_a_part` trials of the job between two steps of the engine; `compute` runs on the
  // `analysis` pool.
  static grpc::ServerUnaryReactor* Start(const ServiceParts& parts, const std::string& job,
                                         size_t trials_a_part, Response* response,
                                         Compute compute) {
    const auto call = UnaryCall<Response>::Start(parts.calls, response);
    std::shared_ptr<AnalysisCall> self(
        new AnalysisCall(parts, job, trials_a_part, call, std::move(compute)));
    self->AskForPart();
    return call.get();
  }

 private:
  AnalysisCall(const ServiceParts& parts, const std::string& job, size_t trials_a_part,
               std::shared_ptr<UnaryCall<Response>> call, Compute compute)
      : parts_(parts),
        job_(job),
        trials_a_part_(trials_a_part),
        call_(std::move(call)),
        compute_(std::move(compute)) {}

  // Reads the first part, or the next one. One step runs at a time, each started by the one before.
  void AskForPart() {
    const absl::Status asked =
        parts_.driver.Read([self = this->shared_from_this()](
                               const driver::Driver::View& view) { self->OnDriver(view.state); },
                           job_.size());
    if (!asked.ok()) call_->Answer(asked);
  }

  void OnDriver(const engine::EngineState& state) {
    if (call_->is_answered()) return;  // cancelled
    const absl::StatusOr<bool> has_more = ReadPart(state);
    if (!has_more.ok()) {
      parts_.delivery.Run([self = this->shared_from_this(), status = has_more.status()] {
        self->call_->Answer(status);
      });
    } else if (*has_more) {
      // Not from here: what else waits for the driver comes first.
      parts_.delivery.Run([self = this->shared_from_this()] { self->AskForPart(); });
    } else {
      parts_.analysis.Run([self = this->shared_from_this()] {
        if (self->call_->is_answered()) return;
        self->call_->Answer(
            self->compute_(*self->copy_, [&self] { return self->call_->is_answered(); }));
      });
    }
  }

  absl::StatusOr<bool> ReadPart(const engine::EngineState& state) {
    if (!copy_.has_value()) {
      CAVIAR_ASSIGN_OR_RETURN(Copy copy, Copy::Start(state, job_));
      copy_.emplace(std::move(copy));
    }
    return copy_->ReadMore(state, trials_a_part_);
  }

  const ServiceParts parts_;
  const std::string job_;
  const size_t trials_a_part_;
  const std::shared_ptr<UnaryCall<Response>> call_;
  const Compute compute_;
  std::optional<Copy> copy_;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_ANALYSIS_CALL_H_
