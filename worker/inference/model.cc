#include "worker/inference/model.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/data/dataset.h"
#include "common/data/preprocessing_json.h"
#include "common/data/tensor_file.h"
#include "common/file/durable_file.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "worker/linalg/softmax_kernels.h"

namespace caviar::inference {
namespace {

constexpr char kFormatKey[] = "format";
constexpr char kFormat[] = "caviar.model.1";
constexpr char kHyperparametersKey[] = "caviar.hyperparameters";
// Rows a Predict() call runs at a time: enough for fast products, small enough for any network.
constexpr int kRowsAtOnce = 256;

struct TensorPlace {
  std::string name;
  std::vector<int64_t> shape;
  std::span<const float> values;
};

// Every tensor of the file, in the order of the layers.
std::vector<TensorPlace> PlacesInFile(const Architecture& architecture,
                                      const std::vector<LayerTensors>& tensors) {
  std::vector<TensorPlace> places;
  for (size_t l = 0; l < tensors.size(); ++l) {
    const LayerShape& layer = architecture.layers[l];
    const std::vector<int64_t> row = {layer.outputs};
    const auto add = [&](const char* what, std::vector<int64_t> shape,
                         std::span<const float> values) {
      places.push_back({absl::StrCat(layer.name, ".", what), std::move(shape), values});
    };
    add("weight", {layer.inputs, layer.outputs}, tensors[l].weight);
    if (layer.is_normalized) {
      add("gamma", row, tensors[l].gamma);
      add("beta", row, tensors[l].beta);
      add("mean", row, tensors[l].mean);
      add("variance", row, tensors[l].variance);
    } else {
      add("bias", row, tensors[l].bias);
    }
  }
  return places;
}

// Through the deterministic wire format, because JSON straight from the message prints a map in the
// order of a seeded hash.
std::string HyperparametersToJson(const v1::Hyperparameters& hyperparameters) {
  namespace pb = google::protobuf;
  std::string wire;
  {
    pb::io::StringOutputStream stream(&wire);
    pb::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    CAVIAR_CHECK(hyperparameters.SerializeToCodedStream(&coded));
  }
  const std::unique_ptr<pb::util::TypeResolver> types(pb::util::NewTypeResolverForDescriptorPool(
      "type.caviar", pb::DescriptorPool::generated_pool()));
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto printed = pb::util::BinaryToJsonString(
      types.get(), absl::StrCat("type.caviar/", hyperparameters.GetDescriptor()->full_name()), wire,
      &json, options);
  CAVIAR_CHECK(printed.ok()) << printed.ToString();
  return json;
}

absl::StatusOr<std::string> Metadata(const data::TensorFile& file, const char* key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) {
    return absl::InvalidArgumentError(absl::StrCat("not a model file: no metadata \"", key, "\""));
  }
  return found->second;
}

absl::StatusOr<v1::Hyperparameters> HyperparametersFromJson(const std::string& json) {
  v1::Hyperparameters hyperparameters;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // a newer trainer's settings change nothing in inference
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &hyperparameters, options);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model's hyperparameters cannot be read: ",
                     absl::string_view(parsed.message().data(), parsed.message().size())));
  }
  return hyperparameters;
}

}  // namespace

std::string EncodeModel(const Architecture& architecture, std::span<const float> values,
                        const v1::Hyperparameters& hyperparameters,
                        const v1::Preprocessing& preprocessing) {
  const std::vector<LayerTensors> layers = TensorsOf(architecture, LayoutOf(architecture), values);
  std::vector<data::NamedTensor> tensors;
  for (const TensorPlace& place : PlacesInFile(architecture, layers)) {
    tensors.push_back(data::TensorOf(place.name, place.shape, place.values));
  }
  return data::EncodeTensorFile(
      tensors, {{kFormatKey, kFormat},
                {kHyperparametersKey, HyperparametersToJson(hyperparameters)},
                {data::kPreprocessingKey, data::PreprocessingToJson(preprocessing)}});
}

absl::StatusOr<std::unique_ptr<Model>> Model::Parse(absl::string_view bytes) {
  CAVIAR_ASSIGN_OR_RETURN(const data::TensorFile file, data::TensorFile::Parse(bytes));
  CAVIAR_ASSIGN_OR_RETURN(const std::string format, Metadata(file, kFormatKey));
  if (format != kFormat) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a model of this version: format is \"", format, "\", not ", kFormat));
  }
  auto model = std::unique_ptr<Model>(new Model());
  CAVIAR_ASSIGN_OR_RETURN(const std::string hyperparameters, Metadata(file, kHyperparametersKey));
  CAVIAR_ASSIGN_OR_RETURN(model->hyperparameters_, HyperparametersFromJson(hyperparameters));
  CAVIAR_ASSIGN_OR_RETURN(const std::string preprocessing, Metadata(file, data::kPreprocessingKey));
  CAVIAR_ASSIGN_OR_RETURN(model->preprocessing_, data::PreprocessingFromJson(preprocessing));
  const v1::Preprocessing& fitted = model->preprocessing_;
  model->class_names_.assign(fitted.classes().begin(), fitted.classes().end());
  CAVIAR_ASSIGN_OR_RETURN(
      model->architecture_,
      Architecture::Create(model->hyperparameters_, static_cast<int>(fitted.features()),
                           fitted.classes_size()));
  const Architecture& architecture = model->architecture_;
  const nn::ParameterLayout layout = LayoutOf(architecture);

  // The file must hold all tensors before memory is taken for what its header claims.
  for (const LayerShape& layer : architecture.layers) {
    const data::NamedTensor* weight = file.Find(absl::StrCat(layer.name, ".weight"));
    if (weight == nullptr || weight->shape != std::vector<int64_t>{layer.inputs, layer.outputs}) {
      return absl::InvalidArgumentError(absl::StrCat("the model's tensor ", layer.name,
                                                     ".weight is missing or not [", layer.inputs,
                                                     " x ", layer.outputs, "]"));
    }
  }
  model->values_ = linalg::FloatBuffer(layout.values_end());
  const std::span<const float> values = model->values_.span();
  const std::vector<LayerTensors> tensors = TensorsOf(architecture, layout, values);
  for (const TensorPlace& place : PlacesInFile(architecture, tensors)) {
    CAVIAR_ASSIGN_OR_RETURN(const std::span<const float> from, file.Values<float>(place.name));
    if (file.Find(place.name)->shape != place.shape) {
      return absl::InvalidArgumentError(absl::StrCat("the model's tensor ", place.name, " is not [",
                                                     absl::StrJoin(place.shape, " x "), "]"));
    }
    const size_t offset = static_cast<size_t>(place.values.data() - values.data());
    std::copy(from.begin(), from.end(), model->values_.data() + offset);
  }
  model->network_ = std::make_unique<FeedForward>(architecture, tensors, kRowsAtOnce);
  return model;
}

absl::StatusOr<std::unique_ptr<Model>> Model::Open(const std::string& path) {
  CAVIAR_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  absl::StatusOr<std::unique_ptr<Model>> model = Parse(bytes);
  if (!model.ok()) {
    return absl::Status(model.status().code(), absl::StrCat(path, ": ", model.status().message()));
  }
  return model;
}

absl::StatusOr<std::vector<float>> Model::Predict(std::span<const float> x) {
  const auto width = static_cast<size_t>(features());
  if (x.size() % width != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(x.size(), " values are not a whole number of rows of ", width, " features"));
  }
  const size_t rows = x.size() / width;
  const auto out_width = static_cast<size_t>(classes());
  std::vector<float> probabilities(rows * out_width);
  for (size_t first = 0; first < rows; first += kRowsAtOnce) {
    const int count = static_cast<int>(std::min<size_t>(kRowsAtOnce, rows - first));
    const linalg::MatrixView out =
        network_->Logits({x.data() + first * width, count, features(), features()});
    linalg::SoftmaxRows(out);
    for (int r = 0; r < count; ++r) {
      std::copy(out.row(r), out.row(r) + out_width,
                probabilities.data() + (first + static_cast<size_t>(r)) * out_width);
    }
  }
  return probabilities;
}

}  // namespace caviar::inference
