#include "coordinator/service/send_router.h"

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"

namespace caviar::service {

SendRouter::SendRouter(TaskPool& delivery, TaskPool& thinking, ArtifactJanitor& janitor)
    : delivery_(delivery), thinking_(thinking), janitor_(janitor) {}

void SendRouter::Release(engine::Send send) {
  std::visit([this](auto& kind) { Deliver(std::move(kind)); }, send);
}

void SendRouter::Deliver(engine::Reply reply) {
  std::optional<ReplyTable::OnAnswer> on_answer = replies_.Take(reply.request);
  if (!on_answer.has_value()) return;
  delivery_.Run([on_answer = *std::move(on_answer), answer = std::move(reply.answer)]() mutable {
    on_answer(std::move(answer));
  });
}

void SendRouter::Deliver(engine::TellWorker tell) {
  const std::shared_ptr<WorkerStream> stream = sessions_.Find(tell.session);
  if (stream != nullptr) stream->Tell(std::move(tell.message));
}

void SendRouter::Deliver(engine::CloseSession close) {
  const std::shared_ptr<WorkerStream> stream = sessions_.Find(close.session);
  if (stream != nullptr) stream->Close(close.reason);
}

void SendRouter::Deliver(engine::JobChanged changed) {
  watches_.JobChanged(changed.job, changed.has_ended);
}

void SendRouter::Deliver(engine::ReleaseArtifact release) {
  janitor_.Release(std::move(release.digest));
}

void SendRouter::Deliver(engine::StoreIsBehind behind) { LogError(behind.evidence); }

void SendRouter::Deliver(engine::Think think) {
  thinking_.Run([this, work = std::move(think.work)] {
    if (is_closing_) return;
    const absl::Status posted = driver_->Post(work());
    if (!posted.ok()) LogInfo(absl::StrCat("a thought came too late: ", posted.message()));
  });
}

}  // namespace caviar::service
