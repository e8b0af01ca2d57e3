#include "coordinator/search/default_space.h"

#include <initializer_list>
#include <vector>

#include "absl/strings/string_view.h"
#include "coordinator/search/parameter.h"

namespace caviar::search {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;

using DomainMap = google::protobuf::Map<std::string, v1::Domain>;

// A mini-batch of more than this share of the rows leaves too few steps an epoch.
constexpr uint32_t kBatchesPerEpochMin = 8;

void SetRange(v1::Range* range, double min, double max) {
  range->set_min(min);
  range->set_max(max);
}

void SetRange(v1::IntRange* range, int min, int max) {
  range->set_min(min);
  range->set_max(max);
}

ListValue Words(std::initializer_list<absl::string_view> words) {
  ListValue list;
  for (const absl::string_view word : words) {
    list.add_values()->set_string_value(std::string(word));
  }
  return list;
}

ListValue BatchSizes(uint32_t training_rows) {
  ListValue list;
  for (const uint32_t size : {32, 64, 128, 256, 512}) {
    if (size * kBatchesPerEpochMin <= training_rows) list.add_values()->set_number_value(size);
  }
  if (list.values_size() >= 2) return list;
  list.clear_values();
  for (const uint32_t size : {8, 16, 32}) list.add_values()->set_number_value(size);
  return list;
}

bool IsFixed(const Struct& fixed, const char* name) { return fixed.fields().contains(name); }

// The optimizers among `readers` that the job may use: those it searches, or the fixed one.
ListValue UsedReaders(const Struct& fixed, const ListValue& searched, const ListValue& readers) {
  ListValue used;
  for (const auto& reader : readers.values()) {
    const auto optimizer = fixed.fields().find("optimizer");
    if (optimizer != fixed.fields().end()) {
      if (SameValue(optimizer->second, reader)) *used.add_values() = reader;
      continue;
    }
    for (const auto& word : searched.values()) {
      if (SameValue(word, reader)) *used.add_values() = reader;
    }
  }
  return used;
}

// A beta on the scale of its averaging window, active for the optimizers that read it.
void AddBeta(const char* name, double min, double max, const ListValue& used, const Struct& fixed,
             DomainMap& space) {
  if (used.values_size() == 0) return;
  v1::Domain& domain = space[name];
  SetRange(domain.mutable_log_complement(), min, max);
  if (!IsFixed(fixed, "optimizer")) (*domain.mutable_when())["optimizer"] = used;
}

}  // namespace

DomainMap DefaultSpace(const Struct& fixed, uint32_t training_rows) {
  const ListValue optimizers = Words({"momentum", "rmsprop", "adam"});
  DomainMap space;
  SetRange(space["learning_rate"].mutable_log(), 1e-4, 1.0);
  AddBeta("momentum", 0.9, 0.999, UsedReaders(fixed, optimizers, Words({"momentum", "nesterov"})),
          fixed, space);
  AddBeta("beta2", 0.9, 0.9999, UsedReaders(fixed, optimizers, Words({"rmsprop", "adam", "adamw"})),
          fixed, space);
  *space["optimizer"].mutable_choice() = optimizers;
  *space["batch_size"].mutable_values() = BatchSizes(training_rows);
  *space["learning_rate_schedule"].mutable_choice() = Words({"constant", "cosine"});

  const auto layers = fixed.fields().find("hidden_layers");
  const bool no_hidden_layer = layers != fixed.fields().end() &&
                               layers->second.has_number_value() &&
                               layers->second.number_value() == 0;
  if (!no_hidden_layer) {
    SetRange(space["hidden_units"].mutable_int_log(), 32, 512);
    SetRange(space["hidden_layers"].mutable_int_(), 1, 4);
    SetRange(space["dropout"].mutable_uniform(), 0.0, 0.5);
  }
  for (const auto& [name, value] : fixed.fields()) space.erase(name);
  return space;
}

}  // namespace caviar::search
