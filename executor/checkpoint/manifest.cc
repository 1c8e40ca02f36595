#include "executor/checkpoint/manifest.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "executor/checkpoint/checksum.h"
#include "executor/weights/mapped_file.h"
#include "executor/weights/refuse_file.h"
#include "planner/files/atomic_write.h"
#include "planner/files/document.h"
#include "planner/files/reader.h"

namespace galvatron {
namespace {

constexpr std::int64_t kManifestLimit = std::int64_t{64} << 20;  // half a million ranks
constexpr std::int64_t kChecksumLimit = 200;

std::string path_in(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

std::uint64_t checksum_of(const std::string& text) {
  return xxh64(std::as_bytes(std::span(text.data(), text.size())));
}

std::string checksum_line(const std::string& manifest) {
  return fmt::format("{}  {}\n", checksum_text(checksum_of(manifest)), kManifestFile);
}

// A number of 64 bits as text, because JSON's readers disagree on those above 2^53.
template <typename T, typename Parse>
T required_text(MapReader& reader, const std::string& key, Parse parse) {
  const std::string text = reader.required<std::string>(key);
  const std::optional<T> value = parse(text);
  if (!value && !reader.has_errors()) {
    reader.refuse(key, fmt::format("must be a number, got \"{}\"", text));
  }
  return value.value_or(T{});
}

std::optional<std::uint64_t> parse_seed(const std::string& text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && rest == end ? std::optional(value) : std::nullopt;
}

Manifest manifest_of(const Document& document) {
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  const auto version = reader.required<int>("version");
  if (version != kManifestVersion && !reader.has_errors()) {
    reader.refuse("version", fmt::format("must be {}, got {}: another version of this program "
                                         "wrote the checkpoint",
                                         kManifestVersion, version));
  }
  errors.throw_if_any();
  Manifest manifest;
  manifest.state = {.step = reader.required<std::int64_t>("step", at_least(0)),
                    .samples = reader.required<std::int64_t>("samples", at_least(0)),
                    .seed = required_text<std::uint64_t>(reader, "seed", parse_seed),
                    .row_order = reader.required("row_order", kRowOrderNames)};
  for (MapReader& file : reader.required_maps("files")) {
    manifest.files.push_back(
        {.name = file.required<std::string>("name"),
         .size = {file.required<std::int64_t>("bytes", at_least(0))},
         .checksum = required_text<std::uint64_t>(
             file, "xxh64", [](const std::string& text) { return parse_checksum(text); })});
    file.finish();
  }
  reader.finish();
  errors.throw_if_any();
  return manifest;
}

}  // namespace

std::string shard_file(int rank) { return fmt::format("rank-{}.safetensors", rank); }

std::string manifest_text(const Manifest& manifest) {
  nlohmann::ordered_json json{{"version", kManifestVersion},
                              {"step", manifest.state.step},
                              {"samples", manifest.state.samples},
                              {"seed", fmt::to_string(manifest.state.seed)},
                              {"row_order", name_of(kRowOrderNames, manifest.state.row_order)},
                              {"files", nlohmann::ordered_json::array()}};
  for (const CheckpointFile& file : manifest.files) {
    json["files"].push_back(
        {{"name", file.name}, {"bytes", file.size.value}, {"xxh64", checksum_text(file.checksum)}});
  }
  return json.dump(1) + "\n";
}

void write_manifest(const std::string& folder, const Manifest& manifest) {
  const std::string text = manifest_text(manifest);
  write_atomically(path_in(folder, kManifestFile), text);
  write_atomically(path_in(folder, kManifestChecksumFile), checksum_line(text));
}

Manifest read_manifest(const std::string& folder) {
  const std::string path = path_in(folder, kManifestFile);
  Source source = read_source(path, kManifestLimit);
  const std::string found = checksum_line(source.text);
  const Source expected = read_source(path_in(folder, kManifestChecksumFile), kChecksumLimit);
  if (found != expected.text) {
    refuse_file(path, "damaged_file",
                fmt::format("its checksum is {}, {} says {}", found.substr(0, 16),
                            kManifestChecksumFile, expected.text.substr(0, 16)));
  }
  return manifest_of(parse_json(std::move(source)));
}

CheckpointFile describe_file(const std::string& folder, const std::string& name) {
  const MappedFile file(path_in(folder, name));
  return {.name = name,
          .size = {static_cast<std::int64_t>(file.bytes().size())},
          .checksum = xxh64(file.bytes())};
}

void check_file(const std::string& folder, const CheckpointFile& expected) {
  const std::string path = path_in(folder, expected.name);
  const MappedFile file(path);
  const auto size = static_cast<std::int64_t>(file.bytes().size());
  if (size != expected.size.value) {
    refuse_file(path, "damaged_file",
                fmt::format("must have {} bytes, has {}", expected.size.value, size));
  }
  const std::uint64_t checksum = xxh64(file.bytes());
  if (checksum != expected.checksum) {
    refuse_file(path, "damaged_file",
                fmt::format("its checksum must be {}, is {}", checksum_text(expected.checksum),
                            checksum_text(checksum)));
  }
}

}  // namespace galvatron
