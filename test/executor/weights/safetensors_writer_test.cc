#include "executor/weights/safetensors_writer.h"

#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <string>
#include <system_error>

#include "executor/weights/safetensors_file.h"
#include "executor/weights/slice.h"
#include "test/catch.h"
#include "test/executor/weights/file_bytes.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

std::vector<float> counting(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.5F);
  return values;
}

std::vector<float> read_whole(const SafetensorsFile& file, const TensorEntry& tensor) {
  const auto count = element_count(tensor.shape);
  std::vector<float> values(static_cast<std::size_t>(count));
  read_floats(file, tensor, ElementRanges{{0, count}}, values);
  return values;
}

}  // namespace

TEST_CASE("a file of two tensors has these bytes") {
  const TemporaryFolder folder;
  SafetensorsWriter writer(folder.path("f"), {{"b", {2}}, {"a\"", {}}});
  const std::vector<float> values = {1, 2};
  writer.write("b", ElementRanges{{0, 2}}, values);
  writer.write("a\"", ElementRanges{{0, 1}}, values);
  writer.finish();
  // 140 characters of JSON are padded to 144.
  CHECK(read_bytes(folder.path("f")) ==
        safetensors_bytes(R"({"__metadata__":{"format":"pt"},)"
                          R"("a\"":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                          R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})"
                          "    ",
                          little_endian(0x3F800000, 4) + little_endian(0x3F800000, 4) +
                              little_endian(0x40000000, 4)));
}

TEST_CASE("shards written in any order are read back by shards of another degree") {
  const TemporaryFolder folder;
  const std::vector<std::int64_t> shape = {4, 18};
  const std::vector<float> whole = counting(72);
  const auto gather = [&](const ElementRanges& ranges) {
    std::vector<float> values;
    for (const ElementRange& range : ranges) {
      values.insert(values.end(), whole.begin() + range.begin, whole.begin() + range.end);
    }
    return values;
  };
  SafetensorsWriter writer(folder.path("f"), {{"c_attn", shape}});
  for (const int index : {2, 0, 1}) {
    const auto ranges =
        slice_ranges(shape, {.dimension = 1, .parts = 3, .index = index, .degree = 3});
    writer.write("c_attn", ranges, gather(ranges));
  }
  writer.finish();
  const SafetensorsFile file = open_safetensors(folder.path("f"));
  CHECK(read_whole(file, file.tensors[0]) == whole);
  const auto half = slice_ranges(shape, {.dimension = 1, .parts = 3, .index = 1, .degree = 2});
  std::vector<float> values(36);
  read_floats(file, file.tensors[0], half, values);
  CHECK(values == gather(half));
}

TEST_CASE("a weight file of transformers, written again, has the same bytes") {
  const TemporaryFolder folder;
  for (const char* name : {"gpt2_regular", "gpt2_irregular", "llama_regular", "llama_irregular"}) {
    const std::string path = std::string(GALVATRON_GOLDENS "/") + name + "/model.safetensors";
    const SafetensorsFile file = open_safetensors(path);
    std::vector<NewTensor> tensors;
    for (const TensorEntry& tensor : file.tensors) tensors.push_back({tensor.name, tensor.shape});
    SafetensorsWriter writer(folder.path(name), tensors);
    for (const TensorEntry& tensor : file.tensors) {
      const std::vector<float> values = read_whole(file, tensor);
      writer.write(tensor.name, ElementRanges{{0, static_cast<std::int64_t>(values.size())}},
                   values);
    }
    writer.finish();
    CHECK((read_bytes(folder.path(name)) == read_bytes(path)));
  }
}

TEST_CASE("padding is read as zero and not written") {
  const TemporaryFolder folder;
  const std::vector<float> padded = {1, 2, 3, 9, 9};
  SafetensorsWriter writer(folder.path("f"), {{"table", {3}}});
  writer.write("table", ElementRanges{{0, 3}}, padded);
  writer.finish();
  const SafetensorsFile file = open_safetensors(folder.path("f"));
  std::vector<float> values(5, 7);
  read_floats(file, file.tensors[0], ElementRanges{{0, 3}}, values);
  CHECK(values == std::vector<float>{1, 2, 3, 0, 0});
}

TEST_CASE("a file does not appear before it is whole") {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", "before");
  {
    SafetensorsWriter writer(path, {{"x", {3}}});
    writer.write("x", ElementRanges{{0, 2}}, counting(2));
    CHECK_THROWS_WITH(writer.finish(), path + ": tensor \"x\" has 3 elements, 2 were written");
    CHECK_THROWS_AS(writer.write("y", ElementRanges{{0, 2}}, counting(2)), std::logic_error);
  }
  CHECK(read_bytes(path) == "before");
  CHECK_FALSE(std::filesystem::exists(path + ".partial"));
}

TEST_CASE("a folder that is not there is a system error with the path") {
  const TemporaryFolder folder;
  const std::string path = folder.path("missing/f");
  CHECK_THROWS_AS(SafetensorsWriter(path, {}), std::system_error);
  CHECK_THROWS_WITH(SafetensorsWriter(path, {}),
                    "open " + path + ".partial: No such file or directory");
}

}  // namespace galvatron
