//! The JSON door at `/api`, its OpenAPI document, and the client that the command line uses.
//! Never decides, and never knows who may: it reads a request, asks the service, writes an answer.
