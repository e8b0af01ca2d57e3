#include "client/job_file/message_shapes.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::job_file {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::ListValue;
using ::google::protobuf::OneofDescriptor;

bool IsMinMax(const Descriptor& type) {
  return type.field_count() == 2 && type.FindFieldByName("min") != nullptr &&
         type.FindFieldByName("max") != nullptr;
}

const OneofDescriptor* OnlyOneof(const Descriptor& type) {
  if (type.real_oneof_decl_count() != 1) return nullptr;
  const OneofDescriptor* oneof = type.oneof_decl(0);
  return oneof->field_count() == type.field_count() ? oneof : nullptr;
}

bool IsValueMessage(const Descriptor& type) {
  return &type == ListValue::descriptor() || IsMinMax(type);
}

std::vector<std::string> MemberNames(const OneofDescriptor& oneof) {
  std::vector<std::string> names;
  names.reserve(oneof.field_count());
  for (int i = 0; i < oneof.field_count(); ++i) names.push_back(oneof.field(i)->name());
  return names;
}

std::vector<std::string> FieldNames(const Descriptor& type) {
  std::vector<std::string> names;
  names.reserve(type.field_count());
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

std::vector<std::string> Words(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    if (!absl::EndsWith(type.value(i)->name(), "UNSPECIFIED")) {
      words.push_back(absl::AsciiStrToLower(type.value(i)->name()));
    }
  }
  return words;
}

std::string ExpectedShape(const Descriptor& type) {
  if (IsMinMax(type)) return "[min, max]";
  if (const OneofDescriptor* choice = OnlyOneof(type)) {
    return absl::StrCat("one of ", absl::StrJoin(MemberNames(*choice), ", "));
  }
  if (type.real_oneof_decl_count() == 1) {
    return absl::StrCat("a map with one of ",
                        absl::StrJoin(MemberNames(*type.oneof_decl(0)), ", "));
  }
  return absl::StrCat("a map of ", absl::StrJoin(FieldNames(type), ", "));
}

}  // namespace caviar::job_file
