#include "executor/data/labelled_images.h"

#include <string>

#include "executor/data/dataset.h"
#include "test/catch.h"
#include "test/executor/weights/file_bytes.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

const std::string kPixels =
    R"("pixel_values":{"dtype":"F32","shape":[2,1,2,1],"data_offsets":[0,16]})";
const std::string kLabels = R"("labels":{"dtype":"I32","shape":[2],"data_offsets":[16,24]})";

// The floats 0, 1, 2, 3 and the labels 4 and 6.
std::string image_file(const std::string& header) {
  std::string data;
  for (const std::int64_t bits : {0x0LL, 0x3f800000LL, 0x40000000LL, 0x40400000LL}) {
    data += little_endian(bits, 4);
  }
  return safetensors_bytes(header, data + little_endian(4, 4) + little_endian(6, 4));
}

Dataset open_images(const std::string& path, std::int64_t classes) {
  return open_dataset({DataFormat::safetensors, path}, {.sequence_length = 3,
                                                        .vocabulary = classes,
                                                        .objective = Objective::image_class,
                                                        .image_shape = {1, 2, 1}});
}

std::string refusal(const std::string& header) {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", image_file(header));
  const std::string text = error_text([&] { open_images(path, 7); });
  return text.starts_with(path) ? text.substr(path.size()) : text;
}

}  // namespace

TEST_CASE("images come with their labels") {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", image_file("{" + kPixels + "," + kLabels + "}"));
  const Dataset data = open_images(path, 7);
  CHECK(data.rows == 2);
  CHECK(read_row(data, 0) == Sample{.tokens = {}, .targets = {4}, .pixels = {0, 1}});
  CHECK(read_row(data, 1) == Sample{.tokens = {}, .targets = {6}, .pixels = {2, 3}});
  const Dataset fewer = open_images(path, 6);
  CHECK(error_text([&] { read_row(fewer, 1); }) ==
        path + ": labels must be below 6, the number of classes, got 6 in row 1");
}

TEST_CASE("image files that do not fit are refused by name") {
  CHECK(refusal(R"({"labels":{"dtype":"I64","shape":[3],"data_offsets":[0,24]}})") ==
        ": must hold a tensor \"pixel_values\"");
  CHECK(refusal(R"({"pixel_values":{"dtype":"F32","shape":[1,1,3,1],"data_offsets":[0,12]},)"
                R"("labels":{"dtype":"I32","shape":[3],"data_offsets":[12,24]}})") ==
        ": tensor \"pixel_values\" must be at least one image of [1, 2, 1] (channels, height, "
        "width), got [1, 1, 3, 1]");
  CHECK(refusal(R"({"pixel_values":{"dtype":"I32","shape":[2,1,2,1],"data_offsets":[0,16]},)" +
                kLabels + "}") == ": tensor \"pixel_values\" must be F32, BF16 or F16, got I32");
  CHECK(
      refusal("{" + kPixels + R"(,"labels":{"dtype":"I64","shape":[1],"data_offsets":[16,24]}})") ==
      ": tensor \"labels\" must have shape [2], got [1]");
  CHECK(refusal("{" + kPixels + R"(,"mask":{"dtype":"I64","shape":[1],"data_offsets":[16,24]}})") ==
        ": an image classifier reads pixel_values, labels, the file also has \"mask\"");
}

}  // namespace galvatron
