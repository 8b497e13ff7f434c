module github.com/dragoman-gateway/dragoman

go 1.26.0
