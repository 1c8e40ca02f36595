#include "executor/weights/weight_files.h"

#include <filesystem>
#include <string>

#include "test/catch.h"
#include "test/executor/weights/file_bytes.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

using Shape = std::vector<std::int64_t>;

// A file with one scalar.
std::string scalar_file(const std::string& name, std::int64_t float_bits) {
  return safetensors_bytes("{\"" + name + R"(":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
                           little_endian(float_bits, 4));
}

float scalar(const WeightFiles& weights, const std::string& name) {
  float value = 0;
  read_floats(weights, name, ElementRanges{{0, 1}}, {&value, 1});
  return value;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class Sharded {
 public:
  explicit Sharded(const std::string& index) {
    folder_.write("one.safetensors", scalar_file("a", 0x3F800000));
    folder_.write("two.safetensors", scalar_file("b", 0x40000000));
    folder_.write("model.safetensors.index.json", index);
  }
  std::string path() const { return folder_.path("."); }
  std::string index() const { return folder_.path("./model.safetensors.index.json"); }
  std::string refusal() const {
    return first_line(error_text([this] { open_weights(path()); }));
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a folder with one file and the file itself hold the same tensors") {
  const TemporaryFolder folder;
  const std::string path = folder.write("model.safetensors", scalar_file("a", 0x3F800000));
  CHECK(scalar(open_weights(folder.path(".")), "a") == 1);
  CHECK(scalar(open_weights(path), "a") == 1);
}

TEST_CASE("an index joins several files") {
  const Sharded sharded(R"({"metadata":{"total_size":8},)"
                        R"("weight_map":{"a":"one.safetensors","b":"two.safetensors"}})");
  const WeightFiles weights = open_weights(sharded.path());
  CHECK(scalar(weights, "a") == 1);
  CHECK(scalar(weights, "b") == 2);
  CHECK(weights.files.size() == 2);
  CHECK_FALSE(has_tensor(weights, "c"));
}

TEST_CASE("an index that does not fit its files is refused") {
  const Sharded wrong_file(R"({"weight_map":{"a":"two.safetensors"}})");
  CHECK(wrong_file.refusal() == wrong_file.index() + ":1:16: two.safetensors has no tensor \"a\"");
  const Sharded no_map(R"({"weights":{}})");
  CHECK(no_map.refusal() ==
        no_map.index() + ":1:1: must have a map \"weight_map\" from tensors to files");
}

TEST_CASE("an index cannot name files elsewhere") {
  for (const std::string name :
       {"\"../x.safetensors\"", "\"/etc/passwd\"", "\"..\"", "\"\"", "3"}) {
    const Sharded sharded(R"({"weight_map":{"a":)" + name + "}}");
    CHECK(sharded.refusal() ==
          sharded.index() +
              ":1:20: weight_map must give the name of a file beside the index, got " + name);
  }
}

TEST_CASE("a missing file of an index is named") {
  const Sharded sharded(R"({"weight_map":{"a":"three.safetensors"}})");
  CHECK(sharded.refusal() == sharded.path() +
                                 "/three.safetensors: cannot open the file: No such file or "
                                 "directory");
}

TEST_CASE("a folder without weights says what it should hold") {
  const TemporaryFolder folder;
  const std::string path = folder.path(".");
  CHECK(error_text([&] { open_weights(path); }) ==
        path + ": the folder must hold model.safetensors or model.safetensors.index.json");
}

TEST_CASE("a missing tensor and a wrong shape are named") {
  const std::string path = GALVATRON_GOLDENS "/llama_irregular";
  const WeightFiles weights = open_weights(path);
  check_tensor(weights, "model.embed_tokens.weight", Shape{97, 36});
  CHECK(error_text([&] {
          check_tensor(weights, "model.embed_tokens.weight", Shape{96, 36});
        }) ==
        path +
            "/model.safetensors: tensor \"model.embed_tokens.weight\" must have shape [96, 36], "
            "got [97, 36]");
  CHECK(error_text([&] { check_tensor(weights, "model.bias", Shape{36}); }) ==
        path + ": must hold a tensor \"model.bias\"");
}

}  // namespace galvatron
