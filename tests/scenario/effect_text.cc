#include "tests/scenario/effect_text.h"

#include <map>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace caviar::scenario {
namespace {

std::string AttemptText(const v1::AttemptId& id) {
  return absl::StrCat(id.job(), "/", id.trial(), "#", id.attempt());
}

// "dropout=0.2,learning_rate=0.001"
std::string SetText(const google::protobuf::Struct& set) {
  std::map<std::string, double> values;
  for (const auto& [name, value] : set.fields()) values[name] = value.number_value();
  return absl::StrJoin(values, ",", absl::PairFormatter("="));
}

std::string TrialText(const v1::TrialRecord& trial, const DigestName& name) {
  std::string text = absl::StrCat("write trial ", trial.job(), "/", trial.number(), " ",
                                  v1::Trial::State_Name(trial.state()),
                                  " attempt=", trial.attempt(), " epochs=", trial.epochs());
  if (trial.epochs_high() != trial.epochs()) absl::StrAppend(&text, "(", trial.epochs_high(), ")");
  absl::StrAppend(&text, "/", trial.until_epoch());
  if (!trial.worker_id().empty()) absl::StrAppend(&text, " worker=", trial.worker_id());
  if (trial.last_sequence() > 0) absl::StrAppend(&text, " seq=", trial.last_sequence());
  if (trial.has_value()) absl::StrAppend(&text, " value=", trial.value(), "@", trial.best_epoch());
  if (trial.checkpoint_epoch() > 0) {
    absl::StrAppend(&text, " checkpoint=", name(trial.checkpoint_digest()), "@",
                    trial.checkpoint_epoch());
  }
  if (trial.pending_checkpoint_epoch() > 0) {
    absl::StrAppend(&text, " pending=", name(trial.pending_checkpoint_digest()), "@",
                    trial.pending_checkpoint_epoch());
  }
  if (!trial.model_digest().empty()) absl::StrAppend(&text, " model=", name(trial.model_digest()));
  for (const v1::Adjustment& adjustment : trial.adjustments()) {
    absl::StrAppend(&text, " adjusted@", adjustment.after_epoch(), ":", SetText(adjustment.set()));
    if (adjustment.rolled_back_from() > 0) {
      absl::StrAppend(&text, "(back from ", adjustment.rolled_back_from(), ")");
    }
    if (adjustment.copied_from() > 0) {
      absl::StrAppend(&text, "(copy of ", adjustment.copied_from(), ")");
    }
  }
  if (trial.has_next_adjustment()) {
    absl::StrAppend(&text, " next:", SetText(trial.next_adjustment().set()));
  }
  if (trial.is_held()) absl::StrAppend(&text, " held");
  for (const v1::KeptCheckpoint& kept : trial.kept_checkpoints()) {
    absl::StrAppend(&text, " kept=", name(kept.digest()), "@", kept.progress().epochs());
  }
  if (trial.worker_deaths() > 0) absl::StrAppend(&text, " deaths=", trial.worker_deaths());
  for (const v1::Judgement& judgement : trial.judgements()) {
    absl::StrAppend(&text, " judged=", judgement.epochs(), ":",
                    judgement.has_value() ? absl::StrCat(judgement.value()) : "absent");
  }
  if (!trial.prune_reason().empty() && trial.reason().empty()) {
    absl::StrAppend(&text, " pruned=\"", trial.prune_reason(), "\"");
  }
  if (!trial.reason().empty()) absl::StrAppend(&text, " reason=\"", trial.reason(), "\"");
  return text;
}

std::string JobText(const v1::JobRecord& job) {
  std::string text = absl::StrCat("write job ", job.id(), " ", v1::Job::State_Name(job.state()),
                                  " trials=", job.spec().budget().trials());
  if (job.epochs_repeated() > 0) absl::StrAppend(&text, " repeated=", job.epochs_repeated());
  if (!job.reason().empty()) absl::StrAppend(&text, " reason=\"", job.reason(), "\"");
  return text;
}

std::string RegisteredText(const v1::Registered& registered) {
  std::string text = "Registered";
  for (const v1::DesiredAttempt& attempt : registered.attempts()) {
    absl::StrAppend(&text, " ", AttemptText(attempt.id()), "=",
                    v1::DesiredAttempt::State_Name(attempt.state()));
    if (attempt.state() == v1::DesiredAttempt::LOST) continue;
    absl::StrAppend(&text, "@", attempt.durable_sequence(), "..", attempt.until_epoch());
    if (attempt.state() == v1::DesiredAttempt::STOP) {
      absl::StrAppend(&text, "(", v1::Stop::Reason_Name(attempt.reason()), ")");
    }
  }
  return text;
}

std::string MessageText(const v1::CoordinatorMessage& message, const DigestName& name) {
  switch (message.kind_case()) {
    case v1::CoordinatorMessage::kRegistered:
      return RegisteredText(message.registered());
    case v1::CoordinatorMessage::kHeartbeatAck:
      return absl::StrCat("HeartbeatAck ", message.heartbeat_ack().number());
    case v1::CoordinatorMessage::kAssign: {
      const v1::Assign& assign = message.assign();
      std::string text = absl::StrCat("Assign ", AttemptText(assign.id()), " ", assign.from_epoch(),
                                      "..", assign.until_epoch());
      if (!assign.checkpoint_digest().empty()) {
        absl::StrAppend(&text, " checkpoint=", name(assign.checkpoint_digest()));
      }
      // Its learning rate is the sampler's own but for an adjustment.
      for (const v1::Change& change : assign.changes()) {
        absl::StrAppend(&text, " then@", change.after_epoch(), ":", SetText(change.set()));
      }
      return text;
    }
    case v1::CoordinatorMessage::kGrant:
      return absl::StrCat("Grant ", AttemptText(message.grant().id()), " ",
                          message.grant().until_epoch());
    case v1::CoordinatorMessage::kStop:
      return absl::StrCat("Stop ", AttemptText(message.stop().id()), " ",
                          v1::Stop::Reason_Name(message.stop().reason()));
    case v1::CoordinatorMessage::kAck:
      return absl::StrCat("Ack ", AttemptText(message.ack().id()), " ", message.ack().sequence());
    case v1::CoordinatorMessage::kResendFrom:
      return absl::StrCat("ResendFrom ", AttemptText(message.resend_from().id()), " ",
                          message.resend_from().sequence());
    case v1::CoordinatorMessage::kFinishAck:
      return absl::StrCat("FinishAck ", AttemptText(message.finish_ack().id()));
    default:
      return message.ShortDebugString();
  }
}

std::string CodeText(const absl::Status& status) { return absl::StatusCodeToString(status.code()); }

std::string ReplyText(const engine::Reply& reply) {
  if (!reply.answer.ok()) return absl::StrCat("reply ", CodeText(reply.answer.status()));
  if (const auto* job = std::get_if<v1::Job>(&*reply.answer)) {
    return absl::StrCat("reply job ", job->id(), " ", v1::Job::State_Name(job->state()));
  }
  if (const auto* dataset = std::get_if<v1::Dataset>(&*reply.answer)) {
    return absl::StrCat("reply dataset ", dataset->name());
  }
  if (const auto* trial = std::get_if<v1::Trial>(&*reply.answer)) {
    return absl::StrCat("reply trial ", trial->number(), " ", v1::Trial::State_Name(trial->state()),
                        trial->is_held() ? " held" : "");
  }
  return "reply OK";
}

}  // namespace

std::string WriteText(const engine::Write& write, const DigestName& name) {
  if (const auto* engine = std::get_if<v1::EngineRecord>(&write)) {
    return absl::StrCat("write engine next_job=", engine->next_job_id());
  }
  if (const auto* job = std::get_if<v1::JobRecord>(&write)) return JobText(*job);
  if (const auto* trial = std::get_if<v1::TrialRecord>(&write)) return TrialText(*trial, name);
  if (const auto* row = std::get_if<v1::CurveRecord>(&write)) {
    return absl::StrCat("write curve ", row->job(), "/", row->trial(), " epoch=", row->epoch(),
                        " attempt=", row->attempt(), " value=", row->values(0));
  }
  if (const auto* dataset = std::get_if<v1::DatasetRecord>(&write)) {
    return absl::StrCat("write dataset ", dataset->dataset().name());
  }
  if (const auto* truncation = std::get_if<engine::TruncateCurve>(&write)) {
    return absl::StrCat("truncate curve ", truncation->job, "/", truncation->trial,
                        " epochs=", truncation->epochs);
  }
  if (const auto* deletion = std::get_if<engine::DeleteJobRecord>(&write)) {
    return absl::StrCat("delete job ", deletion->job);
  }
  return absl::StrCat("delete dataset ", std::get<engine::DeleteDatasetRecord>(write).name);
}

std::string SendText(const engine::Send& send, const DigestName& name) {
  if (const auto* reply = std::get_if<engine::Reply>(&send)) return ReplyText(*reply);
  if (const auto* tell = std::get_if<engine::TellWorker>(&send)) {
    return absl::StrCat("s", static_cast<uint64_t>(tell->session), " ",
                        MessageText(tell->message, name));
  }
  if (const auto* close = std::get_if<engine::CloseSession>(&send)) {
    return absl::StrCat("close s", static_cast<uint64_t>(close->session), " ",
                        CodeText(close->reason));
  }
  if (const auto* changed = std::get_if<engine::JobChanged>(&send)) {
    return absl::StrCat("changed job ", changed->job);
  }
  if (std::holds_alternative<engine::StoreIsBehind>(send)) return "store is behind";
  if (std::holds_alternative<engine::Think>(send)) return "think";
  return absl::StrCat("release ", name(std::get<engine::ReleaseArtifact>(send).digest));
}

}  // namespace caviar::scenario
