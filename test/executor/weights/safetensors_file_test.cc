#include "executor/weights/safetensors_file.h"

#include <string>

#include "test/catch.h"
#include "test/executor/weights/file_bytes.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {

TEST_CASE("ranges are read one after another") {
  const TemporaryFolder folder;
  std::string data;
  for (const int value : {0x3F80, 0x4000, 0x4040, 0x4080}) data += little_endian(value, 2);
  const SafetensorsFile file = open_safetensors(folder.write(
      "f", safetensors_bytes(R"({"x":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}})", data)));
  std::vector<float> values(3);
  read_floats(file, file.tensors[0], ElementRanges{{3, 4}, {0, 2}}, values);
  CHECK(values == std::vector<float>{4, 1, 2});
}

TEST_CASE("weights must be floating point") {
  const TemporaryFolder folder;
  const SafetensorsFile file = open_safetensors(folder.write(
      "f", safetensors_bytes(R"({"x":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}})", "a")));
  std::vector<float> values(1);
  CHECK(error_text([&] {
          read_floats(file, file.tensors[0], ElementRanges{{0, 1}}, values);
        }) == folder.path("f") + ": tensor \"x\" must be F32, BF16 or F16, got I8");
}

TEST_CASE("tensors are found by name") {
  const SafetensorsFile file =
      open_safetensors(GALVATRON_GOLDENS "/gpt2_irregular/model.safetensors");
  REQUIRE(find_tensor(file, "transformer.wte.weight") != nullptr);
  CHECK(find_tensor(file, "transformer.wte.weight")->shape == std::vector<std::int64_t>{131, 36});
  CHECK(find_tensor(file, "transformer.wte") == nullptr);
}

}  // namespace galvatron
