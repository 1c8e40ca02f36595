#include "executor/parameters/stored_names.h"

#include "test/catch.h"
#include "test/executor/weights/file_bytes.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

// A file of the tensors' names, each of one fp32 element: its number.
WeightFiles file_of(const TemporaryFolder& folder, const std::vector<std::string>& names) {
  std::string header = "{";
  std::string data;
  for (const std::string& name : names) {
    header += (data.empty() ? "\"" : ",\"") + name +
              R"(":{"dtype":"F32","shape":[1],"data_offsets":[)" + std::to_string(data.size()) +
              "," + std::to_string(data.size() + 4) + "]}";
    data += little_endian(static_cast<std::int64_t>(data.size()), 4);
  }
  return open_weights(folder.write("model.safetensors", safetensors_bytes(header + "}", data)));
}

TEST_CASE("a parameter is found under its own name before any other") {
  const TemporaryFolder folder;
  const WeightFiles files =
      file_of(folder, {"bert.embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.gamma"});
  CHECK(name_in_file(files, "bert.embeddings.LayerNorm.weight") ==
        "bert.embeddings.LayerNorm.weight");
}

TEST_CASE("older and newer spellings are found, with or without the model's prefix") {
  const TemporaryFolder folder;
  const WeightFiles files =
      file_of(folder, {"bert.embeddings.LayerNorm.gamma", "embeddings.LayerNorm.beta",
                       "h.0.ln_1.weight", "cls.predictions.decoder.bias"});
  CHECK(name_in_file(files, "bert.embeddings.LayerNorm.weight") ==
        "bert.embeddings.LayerNorm.gamma");
  CHECK(name_in_file(files, "bert.embeddings.LayerNorm.bias") == "embeddings.LayerNorm.beta");
  CHECK(name_in_file(files, "transformer.h.0.ln_1.weight") == "h.0.ln_1.weight");
  CHECK(name_in_file(files, "cls.predictions.bias") == "cls.predictions.decoder.bias");
  CHECK(name_in_file(files, "cls.predictions.transform.dense.bias") ==
        "cls.predictions.transform.dense.bias");
}

TEST_CASE("two different biases of one decoder are refused") {
  const TemporaryFolder folder;
  const WeightFiles files =
      file_of(folder, {"cls.predictions.bias", "cls.predictions.decoder.bias"});
  CHECK(error_text([&] {
          name_in_file(files, "cls.predictions.bias");
        }).find("cls.predictions.bias and cls.predictions.decoder.bias must be equal") !=
        std::string::npos);
}

}  // namespace
}  // namespace galvatron
