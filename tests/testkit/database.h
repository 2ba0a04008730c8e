#pragma once
// testkit/database.h — a small SQLite database for tests.

#include <filesystem>
#include <string>

#include "store/sql.h"

namespace cairn::testkit {

inline void make_database(const std::filesystem::path& path, const std::string& statements) {
  store::Sql(path, /*write=*/true).run(statements.c_str());
}

// Three authors, of whom Cy has no book and no town; four books.
inline void make_library(const std::filesystem::path& path) {
  make_database(path, R"sql(
    CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT, town TEXT);
    CREATE TABLE book (title TEXT, author INTEGER REFERENCES author(id), year INT, price REAL);
    INSERT INTO author VALUES (1, 'Ann', 'New York'), (2, 'Bob', 'Rome'), (3, 'Cy', NULL);
    INSERT INTO book VALUES ('Alder', 1, 1999, 10.5), ('Birch', 1, 2004, 8), ('Cedar', 2, 2004, 8),
                            ('Dogwood', 2, 2010, NULL);)sql");
}

}  // namespace cairn::testkit
