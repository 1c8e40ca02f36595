#include "executor/data/data_source.h"

#include <filesystem>
#include <optional>

#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

std::optional<DataFormat> format_of_ending(const std::filesystem::path& path) {
  const std::filesystem::path ending = path.extension();
  if (ending == ".txt") return DataFormat::text;
  if (ending == ".safetensors") return DataFormat::safetensors;
  if (ending == ".idx") return DataFormat::megatron;
  if (ending != ".bin") return std::nullopt;
  const bool indexed =
      std::filesystem::exists(std::filesystem::path(path).replace_extension(".idx"));
  return indexed ? DataFormat::megatron : DataFormat::llmc;
}

std::string without_ending(const std::string& path) {
  const std::filesystem::path whole(path);
  const bool named = whole.extension() == ".bin" || whole.extension() == ".idx";
  return named ? std::filesystem::path(whole).replace_extension().string() : path;
}

}  // namespace

DataSource parse_data_source(std::string_view text) {
  const std::size_t colon = text.find(':');
  std::optional<DataFormat> format;
  std::string path(text);
  if (colon != std::string_view::npos) {
    format = value_of(kDataFormatNames, text.substr(0, colon));
    if (format) path = text.substr(colon + 1);
  }
  if (!format) format = format_of_ending(path);
  if (!format) {
    refuse_file(path, "data_format",
                "the ending does not tell what the data are; put text:, safetensors:, llmc: or "
                "megatron: before the path");
  }
  if (*format == DataFormat::megatron) path = without_ending(path);
  return {.format = *format, .path = path};
}

}  // namespace galvatron
