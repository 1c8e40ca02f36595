#include "executor/data/data_source.h"

#include "test/catch.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {

TEST_CASE("a prefix tells the format whatever the ending") {
  CHECK(parse_data_source("text:/a/b.bin") == DataSource{DataFormat::text, "/a/b.bin"});
  CHECK(parse_data_source("safetensors:x") == DataSource{DataFormat::safetensors, "x"});
  CHECK(parse_data_source("llmc:x.txt") == DataSource{DataFormat::llmc, "x.txt"});
  CHECK(parse_data_source("text:a:b") == DataSource{DataFormat::text, "a:b"});
}

TEST_CASE("Megatron data are named by either file or by their stem") {
  const DataSource expected{DataFormat::megatron, "/a/corpus_text_document"};
  CHECK(parse_data_source("megatron:/a/corpus_text_document") == expected);
  CHECK(parse_data_source("megatron:/a/corpus_text_document.bin") == expected);
  CHECK(parse_data_source("/a/corpus_text_document.idx") == expected);
  CHECK(parse_data_source("megatron:v1.5").path == "v1.5");
}

TEST_CASE("without a prefix the ending tells") {
  const TemporaryFolder folder;
  CHECK(parse_data_source("a.txt").format == DataFormat::text);
  CHECK(parse_data_source("a.safetensors").format == DataFormat::safetensors);
  CHECK(parse_data_source(folder.path("a.bin")) ==
        DataSource{DataFormat::llmc, folder.path("a.bin")});
  folder.write("a.idx", "");
  CHECK(parse_data_source(folder.path("a.bin")) ==
        DataSource{DataFormat::megatron, folder.path("a")});
}

TEST_CASE("a path whose ending tells nothing is refused") {
  const auto refusal = [](const char* text) {
    return error_text([text] { parse_data_source(text); });
  };
  const std::string reason =
      ": the ending does not tell what the data are; put text:, safetensors:, llmc: or megatron: "
      "before the path";
  CHECK(refusal("/usr/share/common-licenses/GPL-3") == "/usr/share/common-licenses/GPL-3" + reason);
  CHECK(refusal("txet:corpus") == "txet:corpus" + reason);
  CHECK(refusal("") == reason);
}

}  // namespace galvatron
