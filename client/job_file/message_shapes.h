// Which of the shapes of walker.h a message has, read from its descriptor, and the words for it.
//
// Threads: pure.
#ifndef CAVIAR_CLIENT_JOB_FILE_MESSAGE_SHAPES_H_
#define CAVIAR_CLIENT_JOB_FILE_MESSAGE_SHAPES_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace caviar::job_file {

bool IsMinMax(const google::protobuf::Descriptor& type);
// The oneof that is all there is in the message, if so.
const google::protobuf::OneofDescriptor* OnlyOneof(const google::protobuf::Descriptor& type);
// A ListValue, or {min, max}: one value in the file.
bool IsValueMessage(const google::protobuf::Descriptor& type);

std::vector<std::string> MemberNames(const google::protobuf::OneofDescriptor& oneof);
std::vector<std::string> FieldNames(const google::protobuf::Descriptor& type);
// Of an enum, as files write them; without that for nothing given.
std::vector<std::string> Words(const google::protobuf::EnumDescriptor& type);
// What must stand for a message, as a problem says it.
std::string ExpectedShape(const google::protobuf::Descriptor& type);

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_MESSAGE_SHAPES_H_
